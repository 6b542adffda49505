#!/bin/sh
# Makes sure that what a make target needs is there, and installs Debian packages where it is not.
#
#   tools/require.sh [--optional] item...
#
#   package           a Debian package, asked of dpkg
#   command:package   satisfied by a command on PATH, wherever it came from
#   <header>:package  satisfied by a header that the C++ compiler finds
#
# Quiet when all is there. The command is printed before it runs. Where it may not be run (not Debian, or neither
# root nor sudo) it is printed and this stops with status 1; with --optional it goes on without the packages.
set -u

optional=no
if [ "${1:-}" = --optional ]; then
  optional=yes
  shift
fi

has_header() {
  printf '#include %s\n' "$1" | "${CXX:-c++}" -x c++ -E - >/dev/null 2>&1
}

has_package() {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q ' installed$'
}

missing=
for item in "$@"; do
  package=${item##*:}
  case $item in
    '<'*:*) has_header "${item%:*}" ;;
    *:*) command -v "${item%%:*}" >/dev/null 2>&1 ;;
    *) has_package "$item" ;;
  esac || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

update="apt-get update"
install="apt-get install -y --no-install-recommends$missing"
give_up() {
  echo "$1 Missing:$missing" >&2
  echo "On Debian: $update && $install" >&2
  if [ $optional = yes ]; then
    echo "Going on without." >&2
    exit 0
  fi
  exit 1
}

command -v apt-get >/dev/null 2>&1 || give_up "This is not Debian, so nothing can be installed here."
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || give_up "Installing packages needs root or sudo."
  as_root="sudo"
  # Without a terminal there is nobody to type a password.
  [ -t 0 ] || sudo -n true 2>/dev/null || give_up "Installing packages needs a password for sudo."
fi

run() {
  echo "+ ${as_root:+$as_root }$*"
  if [ -n "$as_root" ]; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@" </dev/null
  else
    DEBIAN_FRONTEND=noninteractive "$@" </dev/null
  fi
}
# shellcheck disable=SC2086  # the two are lists of words
run $update && run $install || give_up "apt-get failed."
