#!/bin/bash
# Installs the Debian or Ubuntu packages that building, testing and reporting need, and only those that
# are missing (through sudo when not root). More packages may be named as arguments.
set -euo pipefail

packages=(
  cmake ninja-build make g++ pkg-config
  openmpi-bin libopenmpi-dev
  libeigen3-dev libhwy-dev libhdf5-dev hdf5-tools libboost-program-options-dev libboost-dev libfmt-dev libssl-dev
  libarchive-dev libdeflate-dev libsimdjson-dev
  libgtest-dev libgmock-dev libonnx-dev libprotobuf-dev nlohmann-json3-dev zlib1g-dev libxml2-dev locales
  gnuplot-nox fonts-dejavu-core
  "$@"
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query apt-get >/dev/null; then
  echo "install_packages.sh: this system has no apt; install by its own means: ${packages[*]}" >&2
  exit 3
fi

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_packages.sh: missing packages and neither root nor sudo; as root, run:" \
      "apt-get install ${missing[*]}" >&2
    exit 3
  fi
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
