#!/usr/bin/env bash
# Put a real Odoo 19 on a machine that has none, without root and without touching the system's apt.
#
# Prints the folder to put on PYTHONPATH. Order of preference: ODOO_HOME (a checkout or an installed package),
# an Odoo this script fetched before, Debian's own package (suite sid), whose signature apt checks, and on a machine
# without Debian's apt, or where ODOO_REPOSITORY says so, a clone of Odoo's public repository.
# Debian 12 cannot install that package (its dependencies are newer), but Odoo is Python: unpacking is enough.
#
# `get_odoo.sh --how` fetches nothing and prints how it would: home, cached, package or git.
set -euo pipefail

ODOO_SERIES=19
REPOSITORY="${ODOO_REPOSITORY:-https://github.com/odoo/odoo.git}"
BRANCH="${ODOO_BRANCH:-$ODOO_SERIES.0}"
CACHE="${LPM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/label-print-monitor}"
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "$*" >&2; }
fail() { say "get_odoo: $1"; say "  What to do: $2"; exit 1; }

is_series() { # file
    grep -qE "^version_info = \(($ODOO_SERIES|'saas~$ODOO_SERIES)" "$1"
}

# The machine's own mirror, whichever of apt's two notations its sources are in; empty on other systems.
debian_mirror() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && [ -f "$KEYRING" ] || return 0
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null \
        | grep -vE '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true
}

lock() { # another run may be fetching it right now; the lock goes with the process
    mkdir -p "$CACHE"
    # macOS has no flock: two first runs at the same time would both fetch.
    command -v flock >/dev/null || return 0
    exec 9>"$CACHE/odoo-$ODOO_SERIES.lock"
    flock 9
    rm -rf "$CACHE"/fetch.*   # of a run that was killed; the lock is ours
}

keep() { # folder: becomes ROOT
    touch "$1/.complete"
    [ -f "$ROOT/.complete" ] || { rm -rf "$ROOT"; mv "$1" "$ROOT"; }
    say "Odoo $ODOO_SERIES is in $ROOT"
}

apt_fetch() { # suite package...
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

package() {
    local codename addons placeholder
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
    mkdir -p "$WORK/lists/partial" "$WORK/cache/archives/partial" "$WORK/debs" "$WORK/root"
    say "Fetching Odoo $ODOO_SERIES (about 125 MB, once) …"
    apt_fetch sid odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted fonts-montserrat fonts-ocr-b
    # Font Awesome 4.7: the file names that Odoo's links expect; sid's is newer and named otherwise.
    apt_fetch "$codename" fonts-font-awesome fonts-inconsolata
    say "Unpacking …"
    for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$WORK/root"; done

    # Debian strips this prebuilt file (blur in video calls); without a placeholder every page logs a 404.
    addons="$WORK/root/usr/lib/python3/dist-packages/odoo/addons"
    placeholder="$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    [ -e "$placeholder" ] || { mkdir -p "$(dirname "$placeholder")"; : > "$placeholder"; }

    [ -f "$addons/../release.py" ] || fail "the package has no odoo/release.py where it is expected" "set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
    keep "$WORK/root"
}

clone() {
    command -v git >/dev/null || fail "git is missing: it fetches Odoo where there is no Debian apt" \
        "install git (Ubuntu, Debian: apt-get install git; Fedora: dnf install git; macOS: brew install git), or set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
    local address=$REPOSITORY show=--quiet
    if [ -t 2 ]; then show=--progress; fi
    # Of a path git would copy all history.
    if [ -d "$REPOSITORY" ]; then address="file://$(cd "$REPOSITORY" && pwd)"; fi
    say "Cloning branch $BRANCH of $REPOSITORY (some hundred MB, once) …"
    # A download that stands still for a minute ends. No question is asked: nobody may be there to answer it.
    GIT_TERMINAL_PROMPT=0 git -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 -c advice.detachedHead=false \
        clone "$show" --depth 1 --single-branch --branch "$BRANCH" -- "$address" "$WORK/root" >&2 </dev/null \
        || fail "git could not clone branch $BRANCH of $REPOSITORY" "check the network and the address (ODOO_REPOSITORY, ODOO_BRANCH), or set ODOO_HOME to a checkout of Odoo $ODOO_SERIES.0"
    [ -f "$WORK/root/odoo/release.py" ] && is_series "$WORK/root/odoo/release.py" \
        || fail "branch $BRANCH of $REPOSITORY is not Odoo $ODOO_SERIES" "name another: ODOO_REPOSITORY, ODOO_BRANCH"
    keep "$WORK/root"
}

if [ -n "${ODOO_HOME:-}" ]; then
    for candidate in "$ODOO_HOME" "$ODOO_HOME/usr/lib/python3/dist-packages"; do
        if [ -f "$candidate/odoo/release.py" ]; then
            is_series "$candidate/odoo/release.py" \
                || fail "ODOO_HOME=$ODOO_HOME is not Odoo $ODOO_SERIES" "check out branch $ODOO_SERIES.0, or unset ODOO_HOME to let this script fetch it"
            if [ "${1:-}" = --how ]; then echo home; else echo "$candidate"; fi
            exit 0
        fi
    done
    fail "ODOO_HOME=$ODOO_HOME holds no Odoo (no odoo/release.py in it)" "point it at a checkout of Odoo $ODOO_SERIES.0, or unset it"
fi

ROOT="$CACHE/odoo-$ODOO_SERIES" mirror=$(debian_mirror)
if [ -z "${ODOO_REPOSITORY:-}${ODOO_BRANCH:-}" ] && { [ -f "$ROOT/.complete" ] || [ -n "$mirror" ]; }; then
    how=package found="$ROOT/usr/lib/python3/dist-packages"
else
    how=git ROOT="$ROOT-git-$(printf %s "$REPOSITORY $BRANCH" | cksum | cut -d " " -f 1)"
    found="$ROOT"
fi

if [ "${1:-}" = --how ]; then
    if [ -f "$ROOT/.complete" ]; then echo cached; else echo "$how"; fi
    exit 0
fi
if [ ! -f "$ROOT/.complete" ]; then
    lock
    if [ ! -f "$ROOT/.complete" ]; then
        WORK=$(mktemp -d "$CACHE/fetch.XXXXXX")
        trap 'rm -rf "$WORK"' EXIT
        if [ "$how" = git ]; then clone; else package; fi
    fi
fi
echo "$found"
