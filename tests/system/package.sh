#!/bin/bash
# package.sh BUILD CMAKE DIR: what is installed has manual pages and completion that work, and a CMake package that
# another project builds with; cpack makes a package of Debian with what belongs there, whose programs run.
set -euo pipefail
build=$1 cmake=$2 dir=$3
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
"$cmake" --install "$build" --prefix "$dir/usr" >log

for program in dist serve recommend; do
  page=usr/share/man/man1/nnrec_$program.1
  man --warnings -l "$page" >read.txt 2>warnings || cp "$page" read.txt
  test ! -s warnings || { cat warnings; exit 1; }
  grep -q 'nnrec_'"$program" read.txt
done
grep -q 'learning.-rate' usr/share/man/man1/nnrec_dist.1
# shellcheck disable=SC1091
source usr/share/bash-completion/completions/nnrec_dist
_nnrec_dist nnrec_dist --learn
[ "${COMPREPLY[*]}" = --learning-rate ]

mkdir user
cat >user/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(user LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(nnrec REQUIRED)
add_executable(user user.cpp)
target_link_libraries(user nnrec::shards)
END
cat >user/user.cpp <<'END'
#include <cstdio>
#include <nnrec/shards/shard_set.hpp>
int main(int, char** words) {
  std::printf("%d users\n", int(nnrec::shards::ShardSet::open(words[1]).manifest().user_count));
}
END
{
  usr/bin/nnrec_synth --format shards --users 30 --items 20 --ratings 400 --output set
  "$cmake" -S user -B user/build -DCMAKE_PREFIX_PATH="$dir/usr"
  "$cmake" --build user/build
} >>log
[ "$(user/build/user set)" = "30 users" ]

(cd "$build" && "$(dirname "$(realpath "$cmake")")/cpack" -G DEB -B "$dir/deb") >>log
deb=$(echo deb/nnrec_*.deb)
# Not through a pipe: grep ends at the first match, and who still writes then would fail.
dpkg-deb -I "$deb" >info
grep -q 'Depends:.*libhdf5' info
dpkg-deb -c "$deb" >list
for file in bin/nnrec_dist bin/nnrec_serve share/man/man1/nnrec_dist.1 share/nnrec/published/basic.cfg \
  share/nnrec/jobs/mpirun.sh share/nnrec/slurm/train.sbatch \
  share/bash-completion/completions/nnrec_prep include/nnrec/shards/shard_set.hpp \
  cmake/nnrec/nnrecConfig.cmake share/doc/nnrec/README.md; do
  grep -qE " ./usr/.*$file(\.gz)?$" list || { echo "$file is not in the package"; exit 1; }
done
dpkg-deb -x "$deb" root
root/usr/bin/nnrec_dist --data set --variant basic --epochs 1 --run run >>log
root/usr/bin/nnrec_recommend run --user 1 >lists
test -s lists
