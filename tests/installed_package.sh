#!/usr/bin/env bash
# installed_package.sh BUILD FOLDER: the .deb of the build in BUILD is installed in a clean Debian of this machine's release
# and used there as its first user would: data are made and prepared, two ranks train, films are listed, a manual page
# is read. Needs root; the system is made once in FOLDER/root by debootstrap.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
build=$(realpath -e "$1")
mkdir -p "$2"
root=$(realpath "$2")/root
# shellcheck source=tests/support/debian_root.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/debian_root.sh"
make_root "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root"
rm -f "$root"/root/nnrec_*.deb
(cd "$build" && cpack -G DEB -B "$root/root" >/dev/null)
rm -rf "$root/root/_CPack_Packages"
enter_root "$root" '
  apt-get install -q -y ./nnrec_*.deb >/dev/null
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  mkdir first-use
  cd first-use
  nnrec_synth --format ml-100k --users 60 --items 40 --ratings 1200 --output files
  nnrec_prep --input files --output data/default
  mpirun --oversubscribe -np 2 nnrec_dist --variant one_layer --epochs 2 --run runs/first
  nnrec_recommend runs/first --user 1
  zcat -f /usr/share/man/man1/nnrec_dist.1* >manual
  grep -q "SH EXIT STATUS" manual
  cd ..
  rm -r first-use
  apt-get purge -q -y nnrec >/dev/null
  [ ! -e /usr/bin/nnrec_dist ]'
