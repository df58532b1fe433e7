# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_abstractgateway_config_global_optspecs
    string join \n o/output= data-dir= no-input y/yes q/quiet v/verbose h/help V/version
end

function __fish_abstractgateway_config_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_abstractgateway_config_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_abstractgateway_config_using_subcommand
    set -l cmd (__fish_abstractgateway_config_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -s V -l version -d 'Print version'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "status" -d 'Show the configuration in force'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "bootstrap-admin" -d 'Make sure there is an administrator, and leave its token in a file'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "defaults" -d 'Show which model does what'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "set-default" -d 'Set the model of a route'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "clear-default" -d 'Clear the model of a route'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -l json -d 'Write JSON'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l env-file -d 'The file to write' -r -F
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l auth-token -d 'The token clients show (default: a random one)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l allowed-origins -d 'Pages that may use the gateway, comma-separated' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l flows-dir -d 'The folder of workflow bundles' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l workflow-source -d 'Where workflows come from' -r -f -a "bundle\t''
visualflow\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l store-backend -d 'Where runs are kept' -r -f -a "file\t''
sqlite\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l db-path -d 'The database (default for sqlite: gateway.sqlite3 in the data directory)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l tool-mode -d 'Which tools need an approval' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l max-attachment-bytes -d 'Largest attachment' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l memory-backend -d 'Where the knowledge graph is kept' -r -f -a "lancedb\t''
sqlite\t''
memory\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l core-server-url -d 'A server that hosts the models' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l core-server-auth-token -d 'The token for it' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l force -d 'Replace an existing file'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l runner -d 'Drive runs in the server process (the default)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l no-runner -d 'Do not drive runs in the server process'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l tenant-id -d 'The tenant of the administrator' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l user-id -d 'The administrator' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l runtime-id -d 'The data plane of a new administrator' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l email -d 'The address of the administrator' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l token -d 'The token of a new administrator, or of a rotation (default: a random one)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l token-file -d 'Where the token is left (default: auth/bootstrap-admin-token in the data directory)' -r -F
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l no-token-file -d 'Leave the token in no file'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l rotate-token -d 'Give an existing administrator a new token'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l print-token -d 'Print the token'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l json -d 'Write JSON'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand bootstrap-admin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l json -d 'Write JSON'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand defaults" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l provider -d 'The provider; without provider and model the route is cleared' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l model -d 'The model' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l base-url -d 'Where the provider is' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l option -d 'A further setting, as JSON or text (can be repeated)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand set-default" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -l no-input -d 'Never ask anything'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand clear-default" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "status" -d 'Show the configuration in force'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "bootstrap-admin" -d 'Make sure there is an administrator, and leave its token in a file'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "defaults" -d 'Show which model does what'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "set-default" -d 'Set the model of a route'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "clear-default" -d 'Clear the model of a route'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
