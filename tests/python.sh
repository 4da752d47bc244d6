#!/usr/bin/env bash
# python.sh FOLDER: makes an environment in FOLDER/venv with what reads exports, event files and runs from outside
# (onnxruntime, TensorBoard, h5py, pandas), and runs the tests that compare with these, and README's own lines of Python.
set -euo pipefail
case $# in 1) ;; *) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
mkdir -p "$1"
venv=$(realpath "$1")/venv
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs/install_packages.sh python3-venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet numpy onnxruntime h5py pandas tensorboard
export NNREC_PYTHON=$venv/bin/python3
cmake --preset release
cmake --build --preset release -j "$(nproc)"
ctest --preset release --no-tests=error -R '^System\.(OnnxRuntime|TensorBoard|ReadRun|ReadmeCommands)$'
