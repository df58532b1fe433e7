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
# What is under the prefix because of this script, a line each: "f FILE", "d FOLDER".
list=$prefix/share/abstractgateway/installed

# Removes the files of the list. Folders stay on it: they may be needed again at once.
remove_files() {
    [ -f "$list" ] || return 0
    sed -n 's/^f //p' "$list" | while IFS= read -r file; do rm -f "$file"; done
    sed -n '/^d /p' "$list" >"$list.new"
    mv -f "$list.new" "$list"
}

# Removes the folders of the list, the last made first, as far as nobody else has put something there.
remove_folders() {
    [ -f "$list" ] || return 0
    folders=$(sed -n 's/^d //p' "$list" | sed '1!G;h;$!d')
    rm -f "$list"
    printf '%s\n' "$folders" | while IFS= read -r folder; do
        [ -z "$folder" ] || rmdir "$folder" 2>/dev/null || true
    done
}

if [ "$uninstall" = yes ]; then
    [ -f "$list" ] || fail "nothing is installed under $prefix" './install.sh --uninstall --prefix DIR'
    remove_files
    remove_folders
    printf 'Removed abstractgateway from %s. Data directories are as they were.\n' "$prefix"
    exit 0
fi

cd "$(dirname "$0")"
command -v cargo >/dev/null 2>&1 ||
    fail 'cargo is not here, so nothing can be built' 'install Rust from https://rustup.rs'

cargo build --release --locked --package abstractgateway
built=${CARGO_TARGET_DIR:-target}/release
[ -x "$built/abstractgateway" ] || fail "no program was built in $built"

# Makes a folder and those above it, and lists what was not there.
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")"
    mkdir "$1" || fail "$1 cannot be made" './install.sh --prefix DIR'
    made="${made}d $1
"
}

# Puts a file in its place in one step: a running program cannot be overwritten, but its place can be taken.
put() { # put FILE PLACE MODE
    printf 'f %s\n' "$2" >>"$list"
    cp "$1" "$2.new"
    chmod "$3" "$2.new"
    mv -f "$2.new" "$2"
}

made=
for folder in "$(dirname "$list")" "$bin" "$bash_completions" "$zsh_completions" "$fish_completions" "$man"; do
    make_folder "$folder"
done
[ -w "$bin" ] && [ -w "$(dirname "$list")" ] || fail "$prefix cannot be written to" './install.sh --prefix DIR'

# What an older version put there and this one does not bring goes away.
remove_files
printf '%s' "$made" >>"$list"
for program in abstractgateway abstractgateway-config; do
    put "$built/$program" "$bin/$program" 755
    put "completions/$program.bash" "$bash_completions/$program" 644
    put "completions/$program.zsh" "$zsh_completions/_$program" 644
    put "completions/$program.fish" "$fish_completions/$program.fish" 644
done
for page in man/*.1; do
    put "$page" "$man/$(basename "$page")" 644
done

printf 'Installed %s under %s\n' "$("$bin/abstractgateway" --version)" "$prefix"
case :$PATH: in
    *":$bin:"*) ;;
    *) printf 'Add %s to your PATH to run it by name.\n' "$bin" ;;
esac
printf 'Next: abstractgateway doctor\n'
