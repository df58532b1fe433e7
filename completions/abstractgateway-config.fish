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
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
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
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from init help" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway-config -n "__fish_abstractgateway_config_using_subcommand help; and not __fish_seen_subcommand_from init help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
