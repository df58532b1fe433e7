# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_abstractgateway_global_optspecs
    string join \n o/output= data-dir= no-input y/yes q/quiet v/verbose h/help V/version
end

function __fish_abstractgateway_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_abstractgateway_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_abstractgateway_using_subcommand
    set -l cmd (__fish_abstractgateway_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -s V -l version -d 'Print version'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "serve" -d 'Serve the gateway over HTTP until SIGINT or SIGTERM'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "runner" -d 'Drive runs without listening, beside `serve --no-runner` on the same data'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "runs" -d 'Start, watch and steer runs'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "ledger" -d 'Read the ledger of a run'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "kg" -d 'Look into the knowledge graph that flows write'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "bundles" -d 'Install, show and remove workflow bundles'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "users" -d 'Manage the users of the gateway'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "backup" -d 'Back up the data directory, check backups, and restore them'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "storage" -d 'Show what the data takes on the disk, and get room back'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "config" -d 'Show and prepare the configuration'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "migrate" -d 'Take over the runs that the Python gateway kept in files'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "doctor" -d 'Check that the gateway can work, and say what to do if not'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "selftest" -d 'Prove on this machine that the gateway keeps its promises'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "man" -d 'Write the manual pages to a folder'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "reference" -d 'Write the reference pages for settings and errors to a folder'
complete -c abstractgateway -n "__fish_abstractgateway_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l host -d 'The address to listen on' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l port -d 'The port to listen on; 0 takes a free one' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l unix -d 'Listen on a socket file instead' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l no-runner -d 'Do not drive runs in this process'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l no-import -d 'Leave the runs alone that the Python gateway kept in files'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l reload -d 'Accepted for old scripts, without effect'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runner" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "start" -d 'Start a run of a bundle\'s flow'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "schedule" -d 'Start a flow later, or again and again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "fork" -d 'Start a new run from the state a run had after one of its ledger records'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "reschedule" -d 'Give a schedule another interval or cron expression'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "compact" -d 'Archive the older part of a schedule\'s conversation and leave a summary in its place'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "list" -d 'List runs, the most recently changed first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "show" -d 'Show a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "explain" -d 'Say why a run does not move, and what moves it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "history" -d 'Show what a run did, record by record'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "summary" -d 'Have a model summarize a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "chat" -d 'Have a model answer a question about a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "follow" -d 'Watch a run until it ends, answer its questions, and print its output'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "cancel" -d 'End a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "pause" -d 'Hold a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "resume" -d 'Let a held run go on, or answer what it waits for'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "open" -d 'Open the folder a run works in, on the desktop of the gateway\'s machine'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "prune" -d 'Delete runs that ended long ago, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "purge-drafts" -d 'Delete draft runs whose time is over, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and not __fish_seen_subcommand_from start schedule fork reschedule compact list show explain history summary chat follow cancel pause resume open prune purge-drafts help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s i -l input -d 'An input, as JSON or text (can be repeated)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l input-file -d 'Read inputs from a file with a JSON object; - is stdin' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l session -d 'Start it in this session (default: its own)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l idempotency-key -d 'Start the run once, however often this is asked with the same key' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s f -l follow -d 'Watch the run until it ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s i -l input -d 'An input, as JSON or text (can be repeated)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l input-file -d 'Read inputs from a file with a JSON object; - is stdin' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l start -d 'The first time: now, a time from now such as 10m, or a moment such as 2026-11-22T09:00:00Z' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l every -d 'Pause between two executions, such as 30s, 20m, 1.5h or 1d (default: run it once)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l cron -d 'Run it at the times of a cron expression, such as \'0 9 * * MON-FRI\' or @daily' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l time-zone -d 'Zone the expression is read in, such as Europe/Paris (default: the gateway\'s)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l overlap -d 'What to do at a time when the execution before goes on: drop the time, start another one, start one at its end, or cancel it (default: skip)' -r -f -a "skip\t''
allow\t''
queue\t''
cancel\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l catch-up -d 'What to do about times missed while the gateway was down or the schedule was held: one execution for all of them, none, or one for each of the last 100 (default: one)' -r -f -a "one\t''
none\t''
all\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l times -d 'How often, at most 10000 (default with --every and --cron: until it is cancelled)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l until -d 'Start no execution after this moment' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l preview -d 'Only show the next N times (default: 5)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l session -d 'Make it part of this session (default: its own)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l idempotency-key -d 'Make the schedule once, however often this is asked with the same key' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l isolated -d 'Give every execution a session of its own'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from schedule" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l at -d 'The ledger record after which it begins; 0 is before the first (default: the last)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l set -d 'Set a variable, as JSON or text, before it goes on (can be repeated)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l session -d 'Start it in this session (default: that of the run)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l idempotency-key -d 'Fork the run once, however often this is asked with the same key' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l dry-run -d 'Only say where it would stand'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s f -l follow -d 'Watch the new run until it ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from fork" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l every -d 'Pause between two executions, such as 30s, 20m, 1.5h or 1d' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l cron -d 'Cron expression, such as \'0 9 * * MON-FRI\', for a schedule that was made with one' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l time-zone -d 'Zone the expression is read in, such as Europe/Paris' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l keep-next -d 'Leave the next time as it is'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from reschedule" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l keep -d 'How many of the latest messages stay' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l mode -d 'How short the summary is' -r -f -a "light\t'Leaves little out'
standard\t'Keeps what is needed to go on'
heavy\t'Keeps the essence'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l focus -d 'What the summary keeps in view above all' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l target -d 'The run of the schedule whose conversation is meant; found when it is not named' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from compact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l status -d 'Show only runs in this status' -r -f -a "running\t''
waiting\t''
completed\t''
failed\t''
cancelled\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l workflow -d 'Show only runs of exactly this workflow, such as basic-agent@0.0.1:main' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l session -d 'Show only runs of this session' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l limit -d 'Show at most so many' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l cursor -d 'Go on where the last page ended' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l all -d 'Show runs that other runs started, too'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l include-drafts -d 'Show draft tests too'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l records -d 'Show at most so many of the last records of each run; 0 is all' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l no-subruns -d 'Leave out the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l session -d 'Also the earlier turns of its session'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l provider -d 'Ask this provider (default: the gateway\'s)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l model -d 'Ask this model of the provider' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l no-subruns -d 'Leave out the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from summary" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l provider -d 'Ask this provider (default: the gateway\'s)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l model -d 'Ask this model of the provider' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l no-subruns -d 'Leave out the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l persist -d 'Put question and answer in the run\'s ledger'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from chat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -l after -d 'Leave out so many records (default: none)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from follow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l reason -d 'Why, for the ledger' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -l reason -d 'Why, for the ledger' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l answer -d 'Answer its question' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l reason -d 'Say why they are refused' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l payload -d 'Answer with a JSON object' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l approve -d 'Allow the tool calls it asks for'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l deny -d 'Refuse the tool calls it asks for'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from open" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l older-than -d 'How long ago they must have ended, such as 30d or 12h' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l limit -d 'Look at so many runs, the longest ended first (default: 200)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l dry-run -d 'Only say what would go'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l limit -d 'Look at so many runs (default: 200)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l session -d 'Only runs of this session' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l workflow -d 'Only runs of exactly this workflow' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l dry-run -d 'Only say what would go'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l force -d 'Also those whose time has not come'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l include-active -d 'Also those that are not over: they are cancelled first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l keep-artifacts -d 'Leave their artifacts'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l keep-workspaces -d 'Leave their workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from purge-drafts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start a run of a bundle\'s flow'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "schedule" -d 'Start a flow later, or again and again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "fork" -d 'Start a new run from the state a run had after one of its ledger records'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "reschedule" -d 'Give a schedule another interval or cron expression'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "compact" -d 'Archive the older part of a schedule\'s conversation and leave a summary in its place'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "list" -d 'List runs, the most recently changed first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Say why a run does not move, and what moves it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "history" -d 'Show what a run did, record by record'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "summary" -d 'Have a model summarize a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "chat" -d 'Have a model answer a question about a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "follow" -d 'Watch a run until it ends, answer its questions, and print its output'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "cancel" -d 'End a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "pause" -d 'Hold a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Let a held run go on, or answer what it waits for'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "open" -d 'Open the folder a run works in, on the desktop of the gateway\'s machine'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Delete runs that ended long ago, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "purge-drafts" -d 'Delete draft runs whose time is over, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -f -a "tail" -d 'Print the records of a run as they are written, until it ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -f -a "show" -d 'Print the records of a run so far'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -f -a "verify" -d 'Verify the hash chain of ledgers'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l after -d 'Leave out so many records (default: none)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l after -d 'Leave out so many records (default: none)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l limit -d 'Print at most so many records (default: all)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l all -d 'Verify the ledgers of all runs of all users'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "tail" -d 'Print the records of a run as they are written, until it ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the records of a run so far'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify the hash chain of ledgers'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -f -a "query" -d 'List assertions, the newest first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and not __fish_seen_subcommand_from query help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l scope -d 'Whose memory (default: all)' -r -f -a "run\t''
session\t''
global\t''
all\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l run -d 'The run whose memory it is' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l session -d 'The session whose memory it is' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l owner -d 'The owner of the memory in the scope' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l subject -d 'Show only assertions about this' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l predicate -d 'Show only assertions with this predicate' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l object -d 'Show only assertions of this object' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l words -d 'Show only assertions with one of these words, those with most of them first' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l since -d 'Show only what was observed then or later' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l until -d 'Show only what was observed then or earlier' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l active-at -d 'Show only what holds at this time' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l limit -d 'Show at most so many' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l oldest-first -d 'Show the oldest first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from help" -f -a "query" -d 'List assertions, the newest first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand kg; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "list" -d 'List the bundles that can be run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "show" -d 'Show a bundle, its flows and their inputs'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "upload" -d 'Install a bundle file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "remove" -d 'Remove a bundle, or one version of it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "reload" -d 'Read the bundle folder again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and not __fish_seen_subcommand_from list show upload remove reload help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l all-versions -d 'Show every version of a bundle'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l include-drafts -d 'Show draft versions too'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l include-deprecated -d 'Show deprecated flows too'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l overwrite -d 'Replace the same version'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l no-reload -d 'Do not make it live at once'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from upload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l no-reload -d 'Do not take it out of the live registry at once'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l dry-run -d 'Show what it would remove, and do nothing'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the bundles that can be run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a bundle, its flows and their inputs'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "upload" -d 'Install a bundle file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove a bundle, or one version of it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "reload" -d 'Read the bundle folder again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand bundles; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "list" -d 'List all users'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "show" -d 'Show a user'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "create" -d 'Create a user and show its token, once'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "rotate" -d 'Give a user a new token and show it, once; the old one ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "disable" -d 'Refuse a user\'s token until it is enabled again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "enable" -d 'Accept a user\'s token again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "delete" -d 'Delete a user; its data stays reserved for it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and not __fish_seen_subcommand_from list show create rotate disable enable delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l email -d 'The address of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l role -d 'A role of the user, such as admin (can be repeated)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l runtime-id -d 'The data plane of the user (default: the user\'s id)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l with-token -d 'Use this token, at least 15 characters (default: a random one)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l disabled -d 'Refuse the token until the user is enabled'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l dry-run -d 'Show whom it would delete, and do nothing'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "list" -d 'List all users'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a user'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a user and show its token, once'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Give a user a new token and show it, once; the old one ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Refuse a user\'s token until it is enabled again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Accept a user\'s token again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a user; its data stays reserved for it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -f -a "create" -d 'Back up the data directory into a new folder, while runs go on'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -f -a "verify" -d 'Check that a backup is whole and sound'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -f -a "restore" -d 'Restore a backup into a new or empty data directory'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -l workspaces -d 'Also back up the folders runs work in'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "create" -d 'Back up the data directory into a new folder, while runs go on'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that a backup is whole and sound'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Restore a backup into a new or empty data directory'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -f -a "show" -d 'Show what the database takes, and what is free on the disk'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -f -a "compact" -d 'Write the database anew without its holes; writes wait meanwhile'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and not __fish_seen_subcommand_from show compact help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from compact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what the database takes, and what is free on the disk'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from help" -f -a "compact" -d 'Write the database anew without its holes; writes wait meanwhile'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand storage; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "status" -d 'Show the configuration in force'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "bootstrap-admin" -d 'Make sure there is an administrator, and leave its token in a file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "defaults" -d 'Show which model does what'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "set-default" -d 'Set the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "clear-default" -d 'Clear the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and not __fish_seen_subcommand_from status init bootstrap-admin defaults set-default clear-default help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -l json -d 'Write JSON'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l env-file -d 'The file to write' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l auth-token -d 'The token clients show (default: a random one)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l allowed-origins -d 'Pages that may use the gateway, comma-separated' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l flows-dir -d 'The folder of workflow bundles' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l workflow-source -d 'Where workflows come from' -r -f -a "bundle\t''
visualflow\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l store-backend -d 'Where runs are kept' -r -f -a "file\t''
sqlite\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l db-path -d 'The database (default for sqlite: gateway.sqlite3 in the data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l tool-mode -d 'Which tools need an approval' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l max-attachment-bytes -d 'Largest attachment' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l memory-backend -d 'Where the knowledge graph is kept' -r -f -a "lancedb\t''
sqlite\t''
memory\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l core-server-url -d 'A server that hosts the models' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l core-server-auth-token -d 'The token for it' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l force -d 'Replace an existing file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l runner -d 'Drive runs in the server process (the default)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l no-runner -d 'Do not drive runs in the server process'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l tenant-id -d 'The tenant of the administrator' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l user-id -d 'The administrator' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l runtime-id -d 'The data plane of a new administrator' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l email -d 'The address of the administrator' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l token -d 'The token of a new administrator, or of a rotation (default: a random one)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l token-file -d 'Where the token is left (default: auth/bootstrap-admin-token in the data directory)' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l no-token-file -d 'Leave the token in no file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l rotate-token -d 'Give an existing administrator a new token'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l print-token -d 'Print the token'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l json -d 'Write JSON'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from bootstrap-admin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l json -d 'Write JSON'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from defaults" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l provider -d 'The provider; without provider and model the route is cleared' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l model -d 'The model' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l base-url -d 'Where the provider is' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l option -d 'A further setting, as JSON or text (can be repeated)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from set-default" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l scope -d 'Whose defaults: those of the gateway, or of one user' -r -f -a "gateway\t''
user\t''
local\t''
core\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l tenant -d 'The tenant of the user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l user -d 'The user, with --scope user' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l runtime -d 'The data plane of the user (default: the user\'s own)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from clear-default" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the configuration in force'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "bootstrap-admin" -d 'Make sure there is an administrator, and leave its token in a file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "defaults" -d 'Show which model does what'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set-default" -d 'Set the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "clear-default" -d 'Clear the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l from -d 'Where the runs are' -r -f -a "file\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l to -d 'Where they go' -r -f -a "sqlite\t''"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l db-path -d 'The database to write (default: gateway.sqlite3 in the data directory)' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l overwrite -d 'Replace a database that is there'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l all-runtimes -d 'Also those of all users'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l url -d 'The gateway to talk to (default: the local one when it runs, else the local data directory)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l token -d 'The token to show it (default for the local one: the first admin\'s, when readable)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l host -d 'The address a server would listen on' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l port -d 'The port a server would listen on' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -f -a "chaos" -d 'Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and not __fish_seen_subcommand_from chaos help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l kills -d 'How often the gateway is killed' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l seed -d 'What decides where and when; the same seed makes the same choices' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l clients -d 'How many clients there are at once' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l scratch -d 'Work in this folder, which must be new or empty, and keep it' -r -F
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from chaos" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from help" -f -a "chaos" -d 'Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand selftest; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -l for-config -d 'Complete `abstractgateway-config` instead'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -s o -l output -d 'Write data as a table, JSON, YAML, or names only' -r -f -a "table\t'For people'
json\t'JSON, as the HTTP interface answers'
yaml\t'The same as YAML'
name\t'Only names or ids, one a line'"
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -l data-dir -d 'The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)' -r
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -l no-input -d 'Never ask anything'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -s y -l yes -d 'Answer every confirmation with yes'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -s q -l quiet -d 'Say nothing but data and errors'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -s v -l verbose -d 'Log more (can be repeated)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "serve" -d 'Serve the gateway over HTTP until SIGINT or SIGTERM'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "runner" -d 'Drive runs without listening, beside `serve --no-runner` on the same data'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "runs" -d 'Start, watch and steer runs'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "ledger" -d 'Read the ledger of a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "kg" -d 'Look into the knowledge graph that flows write'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "bundles" -d 'Install, show and remove workflow bundles'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "users" -d 'Manage the users of the gateway'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "backup" -d 'Back up the data directory, check backups, and restore them'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "storage" -d 'Show what the data takes on the disk, and get room back'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "config" -d 'Show and prepare the configuration'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "migrate" -d 'Take over the runs that the Python gateway kept in files'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "doctor" -d 'Check that the gateway can work, and say what to do if not'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "selftest" -d 'Prove on this machine that the gateway keeps its promises'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "completions" -d 'Print the completions of a shell'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "man" -d 'Write the manual pages to a folder'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "reference" -d 'Write the reference pages for settings and errors to a folder'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and not __fish_seen_subcommand_from serve runner runs ledger kg bundles users backup storage config migrate doctor selftest completions man reference help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "start" -d 'Start a run of a bundle\'s flow'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "schedule" -d 'Start a flow later, or again and again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "fork" -d 'Start a new run from the state a run had after one of its ledger records'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "reschedule" -d 'Give a schedule another interval or cron expression'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "compact" -d 'Archive the older part of a schedule\'s conversation and leave a summary in its place'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "list" -d 'List runs, the most recently changed first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "show" -d 'Show a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "explain" -d 'Say why a run does not move, and what moves it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "history" -d 'Show what a run did, record by record'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "summary" -d 'Have a model summarize a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "chat" -d 'Have a model answer a question about a run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "follow" -d 'Watch a run until it ends, answer its questions, and print its output'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "cancel" -d 'End a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "pause" -d 'Hold a run and the runs it started'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "resume" -d 'Let a held run go on, or answer what it waits for'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "open" -d 'Open the folder a run works in, on the desktop of the gateway\'s machine'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "prune" -d 'Delete runs that ended long ago, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "purge-drafts" -d 'Delete draft runs whose time is over, with their records, artifacts and workspaces'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "tail" -d 'Print the records of a run as they are written, until it ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "show" -d 'Print the records of a run so far'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "verify" -d 'Verify the hash chain of ledgers'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from kg" -f -a "query" -d 'List assertions, the newest first'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from bundles" -f -a "list" -d 'List the bundles that can be run'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from bundles" -f -a "show" -d 'Show a bundle, its flows and their inputs'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from bundles" -f -a "upload" -d 'Install a bundle file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from bundles" -f -a "remove" -d 'Remove a bundle, or one version of it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from bundles" -f -a "reload" -d 'Read the bundle folder again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "list" -d 'List all users'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "show" -d 'Show a user'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "create" -d 'Create a user and show its token, once'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "rotate" -d 'Give a user a new token and show it, once; the old one ends'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "disable" -d 'Refuse a user\'s token until it is enabled again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "enable" -d 'Accept a user\'s token again'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "delete" -d 'Delete a user; its data stays reserved for it'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "create" -d 'Back up the data directory into a new folder, while runs go on'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "verify" -d 'Check that a backup is whole and sound'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "restore" -d 'Restore a backup into a new or empty data directory'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from storage" -f -a "show" -d 'Show what the database takes, and what is free on the disk'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from storage" -f -a "compact" -d 'Write the database anew without its holes; writes wait meanwhile'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "status" -d 'Show the configuration in force'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write an env file to start a gateway with'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "bootstrap-admin" -d 'Make sure there is an administrator, and leave its token in a file'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "defaults" -d 'Show which model does what'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set-default" -d 'Set the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "clear-default" -d 'Clear the model of a route'
complete -c abstractgateway -n "__fish_abstractgateway_using_subcommand help; and __fish_seen_subcommand_from selftest" -f -a "chaos" -d 'Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice'
