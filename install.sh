#!/bin/sh
# Builds abstractgateway and installs it for one user: programs, shell completions, manual pages.
# No root needed, nothing outside the prefix is touched, and --uninstall takes away exactly what was put there.
set -eu

usage() {
    cat <<'TEXT'
Usage: ./install.sh [--prefix DIR] [--uninstall]

  --prefix DIR   install under DIR (default: ~/.local)
  --uninstall    remove what an earlier run installed under the prefix
  --help         show this text
TEXT
}

fail() {
    printf 'error: %s\n' "$1" >&2
    if [ $# -gt 1 ]; then
        printf '  help: %s\n' "$2" >&2
    fi
    exit 1
}

prefix=${HOME:+$HOME/.local}
uninstall=no

while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ $# -gt 1 ] || fail '--prefix needs a folder' './install.sh --prefix DIR'
            prefix=$2
            shift
            ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        --uninstall) uninstall=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            printf 'error: unknown option: %s\n' "$1" >&2
            exit 2
            ;;
    esac
    shift
done

[ -n "$prefix" ] || fail 'there is no home folder to install under' './install.sh --prefix DIR'
# A relative prefix is meant from where the script was called.
case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac

bin=$prefix/bin
bash_completions=$prefix/share/bash-completion/completions
zsh_completions=$prefix/share/zsh/site-functions
fish_completions=$prefix/share/fish/vendor_completions.d
man=$prefix/share/man/man1

remove() {
    for program in abstractgateway abstractgateway-config; do
        rm -f "$bin/$program" "$bash_completions/$program" \
            "$zsh_completions/_$program" "$fish_completions/$program.fish"
    done
    rm -f "$man/abstractgateway.1" "$man"/abstractgateway-*.1
}

if [ "$uninstall" = yes ]; then
    remove
    printf 'Removed abstractgateway from %s. Data directories are as they were.\n' "$prefix"
    exit 0
fi

cd "$(dirname "$0")"
command -v cargo >/dev/null 2>&1 ||
    fail 'cargo is not here, so nothing can be built' 'install Rust from https://rustup.rs'

cargo build --release --locked --package abstractgateway
built=${CARGO_TARGET_DIR:-target}/release
[ -x "$built/abstractgateway" ] || fail "no program was built in $built"

mkdir -p "$bin" "$bash_completions" "$zsh_completions" "$fish_completions" "$man" ||
    fail "$prefix cannot be written" './install.sh --prefix DIR'

# What an older version put there and this one does not bring goes away.
remove
for program in abstractgateway abstractgateway-config; do
    # A running program cannot be overwritten, but its place can be taken.
    cp "$built/$program" "$bin/.$program.new"
    chmod 755 "$bin/.$program.new"
    mv -f "$bin/.$program.new" "$bin/$program"
    cp "completions/$program.bash" "$bash_completions/$program"
    cp "completions/$program.zsh" "$zsh_completions/_$program"
    cp "completions/$program.fish" "$fish_completions/$program.fish"
done
cp man/*.1 "$man/"

printf 'Installed %s under %s\n' "$("$bin/abstractgateway" --version)" "$prefix"
case :$PATH: in
    *":$bin:"*) ;;
    *) printf 'Add %s to your PATH to run it by name.\n' "$bin" ;;
esac
printf 'Next: abstractgateway doctor\n'
