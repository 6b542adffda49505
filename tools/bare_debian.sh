#!/bin/bash
# Tries a clone on a bare Debian 12: makes one in a temporary folder, puts HEAD into it, and runs there what a new
# user runs. Needs root and debootstrap. Nothing of this system is bound into it but /proc and /dev.
#
#   sudo tools/bare_debian.sh [make target...]      (default: test demo)
set -euo pipefail

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(test demo)
suite=bookworm
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo "bare_debian.sh: needs root" >&2
  exit 1
fi
tools/require.sh debootstrap:debootstrap git:git

root=$(mktemp -d "${TMPDIR:-/tmp}/bare_debian.XXXXXX")
cleanup() {
  local mounted
  for mounted in dev proc; do
    if mountpoint -q "$root/$mounted"; then umount --lazy "$root/$mounted" || true; fi
  done
  # --one-file-system: should an unmount have failed, the host's own files are still out of reach.
  rm -rf --one-file-system "$root" "$root.log"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The same archive that this system installs from.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CREATED_BY)' | awk -v s=$suite \
  '$2 == s && $3 == "Packages" {print $1; exit}')
echo "== debootstrap $suite"
debootstrap --variant=minbase $suite "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 ||
  { tail -20 "$root.log" >&2; exit 1; }

rm -f "$root/etc/apt/sources.list"
for source in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$source" ] && install -D -m 644 "$source" "$root$source"
done
for keys in /etc/apt/trusted.gpg.d /etc/apt/keyrings; do
  [ -d "$keys" ] && mkdir -p "$root$keys" && cp -r "$keys/." "$root$keys/"
done
apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|Languages)' >"$root/etc/apt/apt.conf.d/10host" || true
for file in /etc/resolv.conf /etc/hosts; do
  rm -f "$root$file"
  cp -L "$file" "$root$file"
done

mkdir -p "$root/srv/costate"
git archive HEAD | tar -x -C "$root/srv/costate"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
inside() {
  env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin CI=true \
    chroot "$root" /bin/bash -c "cd /srv/costate && $1" </dev/null
}
timed() {
  local start=$SECONDS
  echo "== $1"
  inside "$1"
  echo "== $1: $((SECONDS - start)) s"
}
timed "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y make git ca-certificates"
for target in "${targets[@]}"; do
  timed "make $target"
done
echo "== all of it: $SECONDS s"
