#compdef abstractgateway-config

autoload -U is-at-least

_abstractgateway-config() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_abstractgateway-config_commands" \
"*::: :->abstractgateway-config" \
&& ret=0
    case $state in
    (abstractgateway-config)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-config-command-$line[1]:"
        case $line[1] in
            (status)
_arguments "${_arguments_options[@]}" : \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--json[Write JSON]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(init)
_arguments "${_arguments_options[@]}" : \
'--env-file=[The file to write]:FILE:_files' \
'--auth-token=[The token clients show (default\: a random one)]:TOKEN:_default' \
'--allowed-origins=[Pages that may use the gateway, comma-separated]:GLOBS:_default' \
'--flows-dir=[The folder of workflow bundles]:DIR:_default' \
'--workflow-source=[Where workflows come from]:WORKFLOW_SOURCE:(bundle visualflow)' \
'--store-backend=[Where runs are kept]:STORE_BACKEND:(file sqlite)' \
'--db-path=[The database (default for sqlite\: gateway.sqlite3 in the data directory)]:FILE:_default' \
'--tool-mode=[Which tools need an approval]:MODE:_default' \
'--max-attachment-bytes=[Largest attachment]:BYTES:_default' \
'--memory-backend=[Where the knowledge graph is kept]:MEMORY_BACKEND:(lancedb sqlite memory)' \
'--core-server-url=[A server that hosts the models]:URL:_default' \
'--core-server-auth-token=[The token for it]:TOKEN:_default' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--force[Replace an existing file]' \
'--runner[Drive runs in the server process (the default)]' \
'--no-runner[Do not drive runs in the server process]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(bootstrap-admin)
_arguments "${_arguments_options[@]}" : \
'--tenant-id=[The tenant of the administrator]:TENANT:_default' \
'--user-id=[The administrator]:USER:_default' \
'--runtime-id=[The data plane of a new administrator]:ID:_default' \
'--email=[The address of the administrator]:ADDRESS:_default' \
'--token=[The token of a new administrator, or of a rotation (default\: a random one)]:TOKEN:_default' \
'--token-file=[Where the token is left (default\: auth/bootstrap-admin-token in the data directory)]:FILE:_files' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'(--token-file)--no-token-file[Leave the token in no file]' \
'--rotate-token[Give an existing administrator a new token]' \
'--print-token[Print the token]' \
'--json[Write JSON]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(defaults)
_arguments "${_arguments_options[@]}" : \
'--scope=[Whose defaults\: those of the gateway, or of one user]:SCOPE:(gateway user local core)' \
'--tenant=[The tenant of the user]:TENANT:_default' \
'--user=[The user, with --scope user]:USER:_default' \
'--runtime=[The data plane of the user (default\: the user'\''s own)]:RUNTIME:_default' \
'--url=[The gateway to talk to (default\: the local one when it runs, else the local data directory)]:URL:_default' \
'--token=[The token to show it (default for the local one\: the first admin'\''s, when readable)]:TOKEN:_default' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--json[Write JSON]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(set-default)
_arguments "${_arguments_options[@]}" : \
'--provider=[The provider; without provider and model the route is cleared]:PROVIDER:_default' \
'--model=[The model]:MODEL:_default' \
'--base-url=[Where the provider is]:URL:_default' \
'*--option=[A further setting, as JSON or text (can be repeated)]:K=V:_default' \
'--scope=[Whose defaults\: those of the gateway, or of one user]:SCOPE:(gateway user local core)' \
'--tenant=[The tenant of the user]:TENANT:_default' \
'--user=[The user, with --scope user]:USER:_default' \
'--runtime=[The data plane of the user (default\: the user'\''s own)]:RUNTIME:_default' \
'--url=[The gateway to talk to (default\: the local one when it runs, else the local data directory)]:URL:_default' \
'--token=[The token to show it (default for the local one\: the first admin'\''s, when readable)]:TOKEN:_default' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':route -- The route, such as input.text or output.image.text_to_image:_default' \
&& ret=0
;;
(clear-default)
_arguments "${_arguments_options[@]}" : \
'--scope=[Whose defaults\: those of the gateway, or of one user]:SCOPE:(gateway user local core)' \
'--tenant=[The tenant of the user]:TENANT:_default' \
'--user=[The user, with --scope user]:USER:_default' \
'--runtime=[The data plane of the user (default\: the user'\''s own)]:RUNTIME:_default' \
'--url=[The gateway to talk to (default\: the local one when it runs, else the local data directory)]:URL:_default' \
'--token=[The token to show it (default for the local one\: the first admin'\''s, when readable)]:TOKEN:_default' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':route -- The route:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway-config__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-config-help-command-$line[1]:"
        case $line[1] in
            (status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(init)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(bootstrap-admin)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(defaults)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(set-default)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(clear-default)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_abstractgateway-config_commands] )) ||
_abstractgateway-config_commands() {
    local commands; commands=(
'status:Show the configuration in force' \
'init:Write an env file to start a gateway with' \
'bootstrap-admin:Make sure there is an administrator, and leave its token in a file' \
'defaults:Show which model does what' \
'set-default:Set the model of a route' \
'clear-default:Clear the model of a route' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway-config commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__bootstrap-admin_commands] )) ||
_abstractgateway-config__subcmd__bootstrap-admin_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config bootstrap-admin commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__clear-default_commands] )) ||
_abstractgateway-config__subcmd__clear-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config clear-default commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__defaults_commands] )) ||
_abstractgateway-config__subcmd__defaults_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config defaults commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help_commands] )) ||
_abstractgateway-config__subcmd__help_commands() {
    local commands; commands=(
'status:Show the configuration in force' \
'init:Write an env file to start a gateway with' \
'bootstrap-admin:Make sure there is an administrator, and leave its token in a file' \
'defaults:Show which model does what' \
'set-default:Set the model of a route' \
'clear-default:Clear the model of a route' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway-config help commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__bootstrap-admin_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__bootstrap-admin_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help bootstrap-admin commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__clear-default_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__clear-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help clear-default commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__defaults_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__defaults_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help defaults commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help help commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__init_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help init commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__set-default_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__set-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help set-default commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__help__subcmd__status_commands] )) ||
_abstractgateway-config__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config help status commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__init_commands] )) ||
_abstractgateway-config__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config init commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__set-default_commands] )) ||
_abstractgateway-config__subcmd__set-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config set-default commands' commands "$@"
}
(( $+functions[_abstractgateway-config__subcmd__status_commands] )) ||
_abstractgateway-config__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway-config status commands' commands "$@"
}

if [ "$funcstack[1]" = "_abstractgateway-config" ]; then
    _abstractgateway-config "$@"
else
    compdef _abstractgateway-config abstractgateway-config
fi
