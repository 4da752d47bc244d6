#!/usr/bin/env bash
# processors.sh FOLDER [OLDEST]: trains every variant with every preset, and every optimiser, on processors that
# this machine is not: x86-64 without AVX (2008; OLDEST, default Nehalem) and with AVX2 (2013), and arm64 with NEON,
# built by a cross-compiler; all emulated by qemu-user. Each run's digests and history must be this machine's own.
# Needs a Debian and root, or the packages below; FOLDER keeps the arm64 libraries and build, so that a second
# run is incremental. Run it after building (build/bin).
set -euo pipefail
case $# in 1 | 2) ;; *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
mkdir -p "$1"
folder=$(realpath "$1")
oldest=${2:-Nehalem}
cd "$(dirname "$0")/.."
bin=build/bin
jobs/install_packages.sh qemu-user-static g++-aarch64-linux-gnu mmdebstrap >/dev/null

sysroot=$folder/arm64
triplet=aarch64-linux-gnu
if [ ! -e "$sysroot.is_made" ]; then
  rm -rf "$sysroot"
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  libraries=libopenmpi-dev,libeigen3-dev,libhwy-dev,libhdf5-dev,libboost-program-options-dev,libboost-dev
  libraries+=,libfmt-dev,libssl-dev,libarchive-dev,libdeflate-dev,libsimdjson-dev,nlohmann-json3-dev
  # Unpacked only: nothing of another processor has to run to be linked to.
  mmdebstrap --arch=arm64 --variant=extract --include="$libraries,libstdc++-12-dev" "$release" "$sysroot" \
    >"$sysroot.log" 2>&1 || { tail -n 3 "$sysroot.log" >&2; exit 3; }
  touch "$sysroot.is_made"
fi
cat >"$folder/arm64.cmake" <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_SYSROOT $sysroot)
set(CMAKE_C_COMPILER $triplet-gcc)
set(CMAKE_CXX_COMPILER $triplet-g++)
set(CMAKE_LIBRARY_ARCHITECTURE $triplet)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} $sysroot/usr/lib/$triplet/pkgconfig:$sysroot/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} $sysroot)
# The wrappers of MPI would have to run, and the libraries' usual names are links that only an installed system has.
foreach(language C CXX)
  set(MPI_\${language}_LIB_NAMES mpi)
  set(MPI_\${language}_HEADER_DIR $sysroot/usr/lib/$triplet/openmpi/include)
  set(MPI_\${language}_ADDITIONAL_INCLUDE_DIRS "")
endforeach()
set(HDF5_C_COMPILER_EXECUTABLE false)
set(HDF5_C_INCLUDE_DIR $sysroot/usr/include/hdf5/serial)
set(HDF5_hdf5_LIBRARY_RELEASE $sysroot/usr/lib/$triplet/hdf5/serial/libhdf5.so)
set(MPI_mpi_LIBRARY $sysroot/usr/lib/$triplet/openmpi/lib/libmpi.so)
END
cmake -S . -B "$folder/build" -G Ninja --toolchain "$folder/arm64.cmake" -DNNREC_ARCH=armv8-a -DNNREC_BUILD_TESTS=OFF -DMPI_CXX_SKIP_MPICXX=ON \
  >"$folder/cmake.log" 2>&1 || { tail -n 20 "$folder/cmake.log" >&2; exit 3; }
cmake --build "$folder/build" -j "$(nproc)" --target nnrec_dist | tail -n 1

# shellcheck source=tests/system/outcome.sh
. tests/system/outcome.sh
trap 'rm -rf "$folder/runs"' EXIT
rm -rf "$folder/runs" "$folder/set" "$folder/text"
"$bin/nnrec_synth" --users 60 --items 80 --ratings 3000 --output "$folder/text" >/dev/null
"$bin/nnrec_prep" --input "$folder/text" --output "$folder/set" --shard-rows 1000 >/dev/null

# A program that starts itself anew, as it does without a wait policy, would leave the emulator; nor does MPI's
# helper process run in it.
export OMP_WAIT_POLICY=passive OMPI_MCA_ess_singleton_isolated=1
result_of() { # COMMAND that starts nnrec_dist, then its options -> one line that is equal for equal bits
  rm -rf "$folder/runs"
  timeout 300 "$@" --data "$folder/set" --batch 500 --threads 2 --run "$folder/runs/run" \
    >"$folder/out.log" 2>&1 || { cat "$folder/out.log" >&2; return 1; }
  echo "$(digests "$folder/runs/run") $(history "$folder/runs/run" | sha256sum)"
}
kernels_of_last_run() { sed -nE 's/.* threads, ([a-z0-9]+) kernels.*/\1/p' "$folder/out.log"; }

registered() { sed -nE "s/^ *$2([a-z_]+).*/\1/p" "$1"; }
mapfile -t variants < <(registered src/models/variants.cpp 'Variant\{"')
mapfile -t optimizers < <(registered src/nn/optimizers/registry.cpp 'LINE\(')
if [ ${#variants[@]} -eq 0 ] || [ ${#optimizers[@]} -eq 0 ]; then echo "no registry found" >&2 && exit 1; fi
cases=()
for variant in "${variants[@]}"; do
  cases+=("--variant $variant --preset published --epochs 2")
  cases+=("--variant $variant --optimizer adam --learning-rate 0.01 --biases yes --epochs 2 --sampler
           sgld:step=0.05,warm_up=1,burn_in=1,resample_from=2,snapshot_every=2,dense_precision=30")
done
for variant in basic one_layer enriched complex deep_fm; do
  cases+=("--variant $variant --preset tuned --epochs 2")
done
for optimizer in "${optimizers[@]}"; do
  cases+=("--variant one_layer --optimizer $optimizer --learning-rate 0.01 --epochs 2")
done

declare -A emulated=(
  [$oldest]="qemu-x86_64-static -cpu $oldest $bin/nnrec_dist"
  [Haswell]="qemu-x86_64-static -cpu Haswell $bin/nnrec_dist"
  [arm64]="qemu-aarch64-static -L $sysroot -E LD_LIBRARY_PATH=/usr/lib/$triplet/openmpi/lib $folder/build/bin/nnrec_dist"
)
differences=0
for words in "${cases[@]}"; do
  read -ra options <<<"${words//$'\n'/ }"
  here=$(result_of "$bin/nnrec_dist" "${options[@]}")
  seen="$(kernels_of_last_run) here"
  for processor in "${!emulated[@]}"; do
    read -ra command <<<"${emulated[$processor]}"
    there=$(result_of "${command[@]}" "${options[@]}")
    seen+=", $(kernels_of_last_run) on $processor"
    [ "$there" = "$here" ] || { differences=$((differences + 1)) && seen+=" OTHER BITS: $there, not $here"; }
  done
  echo "${options[*]}: $seen"
done
echo "${#cases[@]} runs, $differences differences"
[ "$differences" -eq 0 ]
