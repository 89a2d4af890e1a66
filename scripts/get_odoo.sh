#!/usr/bin/env bash
# Put a real Odoo 19 on a machine that has none, without root and without touching the system's apt.
#
# Prints the folder to put on PYTHONPATH. Order of preference: ODOO_HOME (a checkout or an installed package),
# an Odoo this script unpacked before, else Debian's own package (suite sid), whose signature apt checks.
# Debian 12 cannot install that package (its dependencies are newer), but Odoo is Python: unpacking is enough.
set -euo pipefail

ODOO_SERIES=19
CACHE="${LPM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/label-print-monitor}"
ROOT="$CACHE/odoo-$ODOO_SERIES"
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "$*" >&2; }
fail() { say "get_odoo: $1"; say "  What to do: $2"; exit 1; }

if [ -n "${ODOO_HOME:-}" ]; then
    for candidate in "$ODOO_HOME" "$ODOO_HOME/usr/lib/python3/dist-packages"; do
        if [ -f "$candidate/odoo/release.py" ]; then
            grep -qE "^version_info = \(($ODOO_SERIES|'saas~$ODOO_SERIES)" "$candidate/odoo/release.py" \
                || fail "ODOO_HOME=$ODOO_HOME is not Odoo $ODOO_SERIES" "check out branch $ODOO_SERIES.0, or unset ODOO_HOME to let this script fetch it"
            echo "$candidate"; exit 0
        fi
    done
    fail "ODOO_HOME=$ODOO_HOME holds no Odoo (no odoo/release.py in it)" "point it at a checkout of Odoo $ODOO_SERIES.0, or unset it"
fi

if [ -f "$ROOT/.complete" ]; then echo "$ROOT/usr/lib/python3/dist-packages"; exit 0; fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null \
    || fail "this machine has no apt, so Odoo cannot be fetched" "set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
[ -f "$KEYRING" ] || fail "$KEYRING is missing" "install the package debian-archive-keyring, or set ODOO_HOME"

# The machine's own mirror and release, whichever of apt's two notations its sources are in.
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null \
    | grep -vE '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
[ -n "$mirror" ] || fail "no Debian mirror found in this machine's apt sources" "set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")

mkdir -p "$CACHE"
exec 9>"$CACHE/odoo-$ODOO_SERIES.lock"
flock 9   # another run may be fetching it right now; the lock goes with the process
if [ -f "$ROOT/.complete" ]; then echo "$ROOT/usr/lib/python3/dist-packages"; exit 0; fi
rm -rf "$CACHE"/fetch.*   # of a run that was killed; the lock is ours
WORK=$(mktemp -d "$CACHE/fetch.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK/lists/partial" "$WORK/cache/archives/partial" "$WORK/debs" "$WORK/root"

fetch() { # suite package...
    local suite=$1; shift
    echo "deb [signed-by=$KEYRING] $mirror $suite main" > "$WORK/$suite.list"
    local options=(-qq -o "Dir::Etc::sourcelist=$WORK/$suite.list" -o Dir::Etc::sourceparts=/dev/null
                   -o "Dir::State::Lists=$WORK/lists" -o "Dir::Cache=$WORK/cache"
                   -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User= -o Acquire::Retries=3 -o Acquire::Languages=none)
    apt-get "${options[@]}" update >&2 || fail "apt could not read the package list of suite $suite" "check the network, then run the same command again"
    (cd "$WORK/debs" && apt-get "${options[@]}" download "$@" >&2) \
        || fail "apt could not download $*" "check the network, then run the same command again"
    rm -rf "$WORK/lists"; mkdir -p "$WORK/lists/partial"; rm -f "$WORK"/cache/*.bin
}

say "Fetching Odoo $ODOO_SERIES (about 125 MB, once) …"
fetch sid odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted fonts-montserrat fonts-ocr-b
# Font Awesome 4.7: the file names that Odoo's links expect; sid's is newer and named otherwise.
fetch "$codename" fonts-font-awesome fonts-inconsolata
say "Unpacking …"
for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$WORK/root"; done

# Debian strips this prebuilt file (blur in video calls); without a placeholder every page logs a 404.
addons="$WORK/root/usr/lib/python3/dist-packages/odoo/addons"
placeholder="$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
[ -e "$placeholder" ] || { mkdir -p "$(dirname "$placeholder")"; : > "$placeholder"; }

[ -f "$addons/../release.py" ] || fail "the package has no odoo/release.py where it is expected" "set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
touch "$WORK/root/.complete"
rm -rf "$ROOT"
mv "$WORK/root" "$ROOT"
say "Odoo $ODOO_SERIES is in $ROOT"
echo "$ROOT/usr/lib/python3/dist-packages"
