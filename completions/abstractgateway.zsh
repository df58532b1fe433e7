#compdef abstractgateway

autoload -U is-at-least

_abstractgateway() {
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
":: :_abstractgateway_commands" \
"*::: :->abstractgateway" \
&& ret=0
    case $state in
    (abstractgateway)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-command-$line[1]:"
        case $line[1] in
            (serve)
_arguments "${_arguments_options[@]}" : \
'--host=[The address to listen on]:HOST:_default' \
'--port=[The port to listen on; 0 takes a free one]:PORT:_default' \
'(--host --port)--unix=[Listen on a socket file instead]:FILE:_files' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--no-runner[Do not drive runs in this process]' \
'--no-import[Leave the runs alone that the Python gateway kept in files]' \
'--reload[Accepted for old scripts, without effect]' \
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
(runner)
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
&& ret=0
;;
(runs)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__runs_commands" \
"*::: :->runs" \
&& ret=0

    case $state in
    (runs)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-runs-command-$line[1]:"
        case $line[1] in
            (start)
_arguments "${_arguments_options[@]}" : \
'*-i+[An input, as JSON or text (can be repeated)]:KEY=VALUE:_default' \
'*--input=[An input, as JSON or text (can be repeated)]:KEY=VALUE:_default' \
'--input-file=[Read inputs from a file with a JSON object; - is stdin]:FILE:_files' \
'--session=[Start it in this session (default\: its own)]:ID:_default' \
'--idempotency-key=[Start the run once, however often this is asked with the same key]:KEY:_default' \
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
'-f[Watch the run until it ends]' \
'--follow[Watch the run until it ends]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':flow -- The bundle and its flow (default\: the bundle'\''s own)\: BUNDLE\[@VERSION\]\[\:FLOW\]:_default' \
&& ret=0
;;
(schedule)
_arguments "${_arguments_options[@]}" : \
'*-i+[An input, as JSON or text (can be repeated)]:KEY=VALUE:_default' \
'*--input=[An input, as JSON or text (can be repeated)]:KEY=VALUE:_default' \
'--input-file=[Read inputs from a file with a JSON object; - is stdin]:FILE:_files' \
'--start=[The first time\: now, a time from now such as 10m, or a moment such as 2026-11-22T09\:00\:00Z]:WHEN:_default' \
'--every=[Pause between two executions, such as 30s, 20m, 1.5h or 1d (default\: run it once)]:INTERVAL:_default' \
'(--every)--cron=[Run it at the times of a cron expression, such as '\''0 9 * * MON-FRI'\'' or @daily]:EXPRESSION:_default' \
'--time-zone=[Zone the expression is read in, such as Europe/Paris (default\: the gateway'\''s)]:ZONE:_default' \
'--overlap=[What to do at a time when the execution before goes on\: drop the time, start another one, start one at its end, or cancel it (default\: skip)]:OVERLAP:(skip allow queue cancel)' \
'--catch-up=[What to do about times missed while the gateway was down or the schedule was held\: one execution for all of them, none, or one for each of the last 100 (default\: one)]:CATCH_UP:(one none all)' \
'(--until)--times=[How often, at most 10000 (default with --every and --cron\: until it is cancelled)]:COUNT:_default' \
'--until=[Start no execution after this moment]:MOMENT:_default' \
'--preview=[Only show the next N times (default\: 5)]::N:_default' \
'--session=[Make it part of this session (default\: its own)]:ID:_default' \
'--idempotency-key=[Make the schedule once, however often this is asked with the same key]:KEY:_default' \
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
'--isolated[Give every execution a session of its own]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::flow -- The bundle and its flow\: BUNDLE\[@VERSION\]\:FLOW:_default' \
&& ret=0
;;
(fork)
_arguments "${_arguments_options[@]}" : \
'--at=[The ledger record after which it begins; 0 is before the first (default\: the last)]:N:_default' \
'*--set=[Set a variable, as JSON or text, before it goes on (can be repeated)]:PATH=VALUE:_default' \
'--session=[Start it in this session (default\: that of the run)]:ID:_default' \
'--idempotency-key=[Fork the run once, however often this is asked with the same key]:KEY:_default' \
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
'(-f --follow)--dry-run[Only say where it would stand]' \
'-f[Watch the new run until it ends]' \
'--follow[Watch the new run until it ends]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The run:_default' \
&& ret=0
;;
(reschedule)
_arguments "${_arguments_options[@]}" : \
'(--cron --time-zone)--every=[Pause between two executions, such as 30s, 20m, 1.5h or 1d]:INTERVAL:_default' \
'--cron=[Cron expression, such as '\''0 9 * * MON-FRI'\'', for a schedule that was made with one]:EXPRESSION:_default' \
'--time-zone=[Zone the expression is read in, such as Europe/Paris]:ZONE:_default' \
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
'--keep-next[Leave the next time as it is]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The schedule, or a run it started:_default' \
&& ret=0
;;
(compact)
_arguments "${_arguments_options[@]}" : \
'--keep=[How many of the latest messages stay]:COUNT:_default' \
'--mode=[How short the summary is]:MODE:((light\:"Leaves little out"
standard\:"Keeps what is needed to go on"
heavy\:"Keeps the essence"))' \
'--focus=[What the summary keeps in view above all]:TEXT:_default' \
'--target=[The run of the schedule whose conversation is meant; found when it is not named]:RUN_ID:_default' \
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
':run_id -- The schedule, or a run it started:_default' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--status=[Show only runs in this status]:STATUS:(running waiting completed failed cancelled)' \
'--workflow=[Show only runs of exactly this workflow, such as basic-agent@0.0.1\:main]:ID:_default' \
'--session=[Show only runs of this session]:ID:_default' \
'--limit=[Show at most so many]:N:_default' \
'--cursor=[Go on where the last page ended]:CURSOR:_default' \
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
'--all[Show runs that other runs started, too]' \
'--include-drafts[Show draft tests too]' \
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
(show)
_arguments "${_arguments_options[@]}" : \
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
':run_id -- The run:_default' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
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
':run_id -- The run:_default' \
&& ret=0
;;
(history)
_arguments "${_arguments_options[@]}" : \
'--records=[Show at most so many of the last records of each run; 0 is all]:N:_default' \
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
'--no-subruns[Leave out the runs it started]' \
'--session[Also the earlier turns of its session]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The run:_default' \
&& ret=0
;;
(summary)
_arguments "${_arguments_options[@]}" : \
'--provider=[Ask this provider (default\: the gateway'\''s)]:PROVIDER:_default' \
'--model=[Ask this model of the provider]:MODEL:_default' \
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
'--no-subruns[Leave out the runs it started]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The run:_default' \
&& ret=0
;;
(chat)
_arguments "${_arguments_options[@]}" : \
'--provider=[Ask this provider (default\: the gateway'\''s)]:PROVIDER:_default' \
'--model=[Ask this model of the provider]:MODEL:_default' \
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
'--no-subruns[Leave out the runs it started]' \
'--persist[Put question and answer in the run'\''s ledger]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The run:_default' \
'::question -- The question:_default' \
&& ret=0
;;
(follow)
_arguments "${_arguments_options[@]}" : \
'--after=[Leave out so many records (default\: none)]:N:_default' \
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
':run_id -- The run:_default' \
&& ret=0
;;
(cancel)
_arguments "${_arguments_options[@]}" : \
'--reason=[Why, for the ledger]:TEXT:_default' \
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
':run_id -- The run:_default' \
&& ret=0
;;
(pause)
_arguments "${_arguments_options[@]}" : \
'--reason=[Why, for the ledger]:TEXT:_default' \
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
':run_id -- The run:_default' \
&& ret=0
;;
(resume)
_arguments "${_arguments_options[@]}" : \
'--answer=[Answer its question]:TEXT:_default' \
'--reason=[Say why they are refused]:TEXT:_default' \
'--payload=[Answer with a JSON object]:JSON:_default' \
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
'--approve[Allow the tool calls it asks for]' \
'--deny[Refuse the tool calls it asks for]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run_id -- The run; a question of a run it started is found by itself:_default' \
&& ret=0
;;
(open)
_arguments "${_arguments_options[@]}" : \
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
':run_id -- The run:_default' \
&& ret=0
;;
(prune)
_arguments "${_arguments_options[@]}" : \
'--older-than=[How long ago they must have ended, such as 30d or 12h]:TIME:_default' \
'--limit=[Look at so many runs, the longest ended first (default\: 200)]:N:_default' \
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
'--dry-run[Only say what would go]' \
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
(purge-drafts)
_arguments "${_arguments_options[@]}" : \
'--limit=[Look at so many runs (default\: 200)]:N:_default' \
'--session=[Only runs of this session]:SESSION:_default' \
'--workflow=[Only runs of exactly this workflow]:WORKFLOW:_default' \
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
'--dry-run[Only say what would go]' \
'--force[Also those whose time has not come]' \
'--include-active[Also those that are not over\: they are cancelled first]' \
'--keep-artifacts[Leave their artifacts]' \
'--keep-workspaces[Leave their workspaces]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::run_ids -- Only these runs (default\: every draft that need not be kept):_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__runs__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-runs-help-command-$line[1]:"
        case $line[1] in
            (start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schedule)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fork)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reschedule)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(compact)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(history)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(summary)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(chat)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(follow)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(cancel)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(pause)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(resume)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(open)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(prune)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(purge-drafts)
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
;;
(ledger)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__ledger_commands" \
"*::: :->ledger" \
&& ret=0

    case $state in
    (ledger)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-ledger-command-$line[1]:"
        case $line[1] in
            (tail)
_arguments "${_arguments_options[@]}" : \
'--after=[Leave out so many records (default\: none)]:N:_default' \
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
':run_id -- The run:_default' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--after=[Leave out so many records (default\: none)]:N:_default' \
'--limit=[Print at most so many records (default\: all)]:N:_default' \
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
':run_id -- The run:_default' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
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
'()--all[Verify the ledgers of all runs of all users]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run_id -- The run:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__ledger__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-ledger-help-command-$line[1]:"
        case $line[1] in
            (tail)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
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
;;
(kg)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__kg_commands" \
"*::: :->kg" \
&& ret=0

    case $state in
    (kg)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-kg-command-$line[1]:"
        case $line[1] in
            (query)
_arguments "${_arguments_options[@]}" : \
'--scope=[Whose memory (default\: all)]:SCOPE:(run session global all)' \
'--run=[The run whose memory it is]:ID:_default' \
'--session=[The session whose memory it is]:ID:_default' \
'(--run --session)--owner=[The owner of the memory in the scope]:ID:_default' \
'--subject=[Show only assertions about this]:TERM:_default' \
'--predicate=[Show only assertions with this predicate]:TERM:_default' \
'--object=[Show only assertions of this object]:TERM:_default' \
'--words=[Show only assertions with one of these words, those with most of them first]:TEXT:_default' \
'--since=[Show only what was observed then or later]:TIME:_default' \
'--until=[Show only what was observed then or earlier]:TIME:_default' \
'--active-at=[Show only what holds at this time]:TIME:_default' \
'--limit=[Show at most so many]:N:_default' \
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
'--oldest-first[Show the oldest first]' \
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
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__kg__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-kg-help-command-$line[1]:"
        case $line[1] in
            (query)
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
;;
(bundles)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__bundles_commands" \
"*::: :->bundles" \
&& ret=0

    case $state in
    (bundles)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-bundles-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
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
'--all-versions[Show every version of a bundle]' \
'--include-drafts[Show draft versions too]' \
'--include-deprecated[Show deprecated flows too]' \
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
(show)
_arguments "${_arguments_options[@]}" : \
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
':bundle -- The bundle, perhaps with @VERSION:_default' \
&& ret=0
;;
(upload)
_arguments "${_arguments_options[@]}" : \
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
'--overwrite[Replace the same version]' \
'--no-reload[Do not make it live at once]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The .flow file:_files' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
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
'--no-reload[Do not take it out of the live registry at once]' \
'--dry-run[Show what it would remove, and do nothing]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':bundle -- The bundle; with @VERSION only that version:_default' \
&& ret=0
;;
(reload)
_arguments "${_arguments_options[@]}" : \
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
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__bundles__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-bundles-help-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(upload)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reload)
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
;;
(users)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__users_commands" \
"*::: :->users" \
&& ret=0

    case $state in
    (users)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-users-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
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
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
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
':user_id -- The user:_default' \
&& ret=0
;;
(create)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
'--email=[The address of the user]:ADDRESS:_default' \
'*--role=[A role of the user, such as admin (can be repeated)]:ROLE:_default' \
'--runtime-id=[The data plane of the user (default\: the user'\''s id)]:ID:_default' \
'--with-token=[Use this token, at least 15 characters (default\: a random one)]:TOKEN:_default' \
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
'--disabled[Refuse the token until the user is enabled]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':user_id -- The user:_default' \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
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
':user_id -- The user:_default' \
&& ret=0
;;
(disable)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
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
':user_id -- The user:_default' \
&& ret=0
;;
(enable)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
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
':user_id -- The user:_default' \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
'--tenant=[The tenant of the user]:TENANT:_default' \
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
'--dry-run[Show whom it would delete, and do nothing]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':user_id -- The user:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__users__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-users-help-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(create)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(disable)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(enable)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(delete)
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
;;
(backup)
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
":: :_abstractgateway__subcmd__backup_commands" \
"*::: :->backup" \
&& ret=0

    case $state in
    (backup)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-backup-command-$line[1]:"
        case $line[1] in
            (create)
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
'--workspaces[Also back up the folders runs work in]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':target -- The folder to make:_files' \
&& ret=0
;;
(verify)
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
':backup -- The backup:_files' \
&& ret=0
;;
(restore)
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
':backup -- The backup:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__backup__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-backup-help-command-$line[1]:"
        case $line[1] in
            (create)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restore)
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
;;
(storage)
_arguments "${_arguments_options[@]}" : \
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
":: :_abstractgateway__subcmd__storage_commands" \
"*::: :->storage" \
&& ret=0

    case $state in
    (storage)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-storage-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
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
&& ret=0
;;
(compact)
_arguments "${_arguments_options[@]}" : \
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
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__storage__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-storage-help-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(compact)
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
;;
(config)
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
":: :_abstractgateway__subcmd__config_commands" \
"*::: :->config" \
&& ret=0

    case $state in
    (config)
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
":: :_abstractgateway__subcmd__config__subcmd__help_commands" \
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
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
'--from=[Where the runs are]:FROM:(file)' \
'--to=[Where they go]:TO:(sqlite)' \
'(--all-runtimes)--db-path=[The database to write (default\: gateway.sqlite3 in the data directory)]:FILE:_files' \
'-o+[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--output=[Write data as a table, JSON, YAML, or names only]:FORMAT:((table\:"For people"
json\:"JSON, as the HTTP interface answers"
yaml\:"The same as YAML"
name\:"Only names or ids, one a line"))' \
'--data-dir=[The root of all data (default\: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)]:DIR:_default' \
'--overwrite[Replace a database that is there]' \
'--all-runtimes[Also those of all users]' \
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
(doctor)
_arguments "${_arguments_options[@]}" : \
'--url=[The gateway to talk to (default\: the local one when it runs, else the local data directory)]:URL:_default' \
'--token=[The token to show it (default for the local one\: the first admin'\''s, when readable)]:TOKEN:_default' \
'--host=[The address a server would listen on]:HOST:_default' \
'--port=[The port a server would listen on]:PORT:_default' \
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
&& ret=0
;;
(selftest)
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
":: :_abstractgateway__subcmd__selftest_commands" \
"*::: :->selftest" \
&& ret=0

    case $state in
    (selftest)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-selftest-command-$line[1]:"
        case $line[1] in
            (chaos)
_arguments "${_arguments_options[@]}" : \
'--kills=[How often the gateway is killed]:KILLS:_default' \
'--seed=[What decides where and when; the same seed makes the same choices]:NUMBER:_default' \
'--clients=[How many clients there are at once]:CLIENTS:_default' \
'--scratch=[Work in this folder, which must be new or empty, and keep it]:DIR:_files' \
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
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__selftest__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-selftest-help-command-$line[1]:"
        case $line[1] in
            (chaos)
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
;;
(completions)
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
'--for-config[Complete \`abstractgateway-config\` instead]' \
'--no-input[Never ask anything]' \
'-y[Answer every confirmation with yes]' \
'--yes[Answer every confirmation with yes]' \
'-q[Say nothing but data and errors]' \
'--quiet[Say nothing but data and errors]' \
'*-v[Log more (can be repeated)]' \
'*--verbose[Log more (can be repeated)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- The shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
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
'::dir -- The folder; made when missing:_files' \
&& ret=0
;;
(reference)
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
'::dir -- The folder; made when missing:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-command-$line[1]:"
        case $line[1] in
            (serve)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(runner)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(runs)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__runs_commands" \
"*::: :->runs" \
&& ret=0

    case $state in
    (runs)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-runs-command-$line[1]:"
        case $line[1] in
            (start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schedule)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fork)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reschedule)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(compact)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(history)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(summary)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(chat)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(follow)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(cancel)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(pause)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(resume)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(open)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(prune)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(purge-drafts)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(ledger)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__ledger_commands" \
"*::: :->ledger" \
&& ret=0

    case $state in
    (ledger)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-ledger-command-$line[1]:"
        case $line[1] in
            (tail)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(kg)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__kg_commands" \
"*::: :->kg" \
&& ret=0

    case $state in
    (kg)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-kg-command-$line[1]:"
        case $line[1] in
            (query)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(bundles)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__bundles_commands" \
"*::: :->bundles" \
&& ret=0

    case $state in
    (bundles)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-bundles-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(upload)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reload)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(users)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__users_commands" \
"*::: :->users" \
&& ret=0

    case $state in
    (users)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-users-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(create)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(disable)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(enable)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(backup)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__backup_commands" \
"*::: :->backup" \
&& ret=0

    case $state in
    (backup)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-backup-command-$line[1]:"
        case $line[1] in
            (create)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(storage)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__storage_commands" \
"*::: :->storage" \
&& ret=0

    case $state in
    (storage)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-storage-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(compact)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(config)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__config_commands" \
"*::: :->config" \
&& ret=0

    case $state in
    (config)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-config-command-$line[1]:"
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
        esac
    ;;
esac
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(selftest)
_arguments "${_arguments_options[@]}" : \
":: :_abstractgateway__subcmd__help__subcmd__selftest_commands" \
"*::: :->selftest" \
&& ret=0

    case $state in
    (selftest)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:abstractgateway-help-selftest-command-$line[1]:"
        case $line[1] in
            (chaos)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reference)
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

(( $+functions[_abstractgateway_commands] )) ||
_abstractgateway_commands() {
    local commands; commands=(
'serve:Serve the gateway over HTTP until SIGINT or SIGTERM' \
'runner:Drive runs without listening, beside \`serve --no-runner\` on the same data' \
'runs:Start, watch and steer runs' \
'ledger:Read the ledger of a run' \
'kg:Look into the knowledge graph that flows write' \
'bundles:Install, show and remove workflow bundles' \
'users:Manage the users of the gateway' \
'backup:Back up the data directory, check backups, and restore them' \
'storage:Show what the data takes on the disk, and get room back' \
'config:Show and prepare the configuration' \
'migrate:Take over the runs that the Python gateway kept in files' \
'doctor:Check that the gateway can work, and say what to do if not' \
'selftest:Prove on this machine that the gateway keeps its promises' \
'completions:Print the completions of a shell' \
'man:Write the manual pages to a folder' \
'reference:Write the reference pages for settings and errors to a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup_commands] )) ||
_abstractgateway__subcmd__backup_commands() {
    local commands; commands=(
'create:Back up the data directory into a new folder, while runs go on' \
'verify:Check that a backup is whole and sound' \
'restore:Restore a backup into a new or empty data directory' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway backup commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__create_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__help_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__help_commands() {
    local commands; commands=(
'create:Back up the data directory into a new folder, while runs go on' \
'verify:Check that a backup is whole and sound' \
'restore:Restore a backup into a new or empty data directory' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway backup help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__help__subcmd__create_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__help__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup help create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__help__subcmd__restore_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__help__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup help restore commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__help__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup help verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__restore_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup restore commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__backup__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__backup__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway backup verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles_commands] )) ||
_abstractgateway__subcmd__bundles_commands() {
    local commands; commands=(
'list:List the bundles that can be run' \
'show:Show a bundle, its flows and their inputs' \
'upload:Install a bundle file' \
'remove:Remove a bundle, or one version of it' \
'reload:Read the bundle folder again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway bundles commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help_commands() {
    local commands; commands=(
'list:List the bundles that can be run' \
'show:Show a bundle, its flows and their inputs' \
'upload:Install a bundle file' \
'remove:Remove a bundle, or one version of it' \
'reload:Read the bundle folder again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway bundles help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__list_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__reload_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__reload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help reload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__remove_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help remove commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__show_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__help__subcmd__upload_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__help__subcmd__upload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles help upload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__list_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__reload_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__reload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles reload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__remove_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles remove commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__show_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__bundles__subcmd__upload_commands] )) ||
_abstractgateway__subcmd__bundles__subcmd__upload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway bundles upload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__completions_commands] )) ||
_abstractgateway__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway completions commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config_commands] )) ||
_abstractgateway__subcmd__config_commands() {
    local commands; commands=(
'status:Show the configuration in force' \
'init:Write an env file to start a gateway with' \
'bootstrap-admin:Make sure there is an administrator, and leave its token in a file' \
'defaults:Show which model does what' \
'set-default:Set the model of a route' \
'clear-default:Clear the model of a route' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway config commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__bootstrap-admin_commands] )) ||
_abstractgateway__subcmd__config__subcmd__bootstrap-admin_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config bootstrap-admin commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__clear-default_commands] )) ||
_abstractgateway__subcmd__config__subcmd__clear-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config clear-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__defaults_commands] )) ||
_abstractgateway__subcmd__config__subcmd__defaults_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config defaults commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help_commands() {
    local commands; commands=(
'status:Show the configuration in force' \
'init:Write an env file to start a gateway with' \
'bootstrap-admin:Make sure there is an administrator, and leave its token in a file' \
'defaults:Show which model does what' \
'set-default:Set the model of a route' \
'clear-default:Clear the model of a route' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway config help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__bootstrap-admin_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__bootstrap-admin_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help bootstrap-admin commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__clear-default_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__clear-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help clear-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__defaults_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__defaults_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help defaults commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__init_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help init commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__set-default_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__set-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help set-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__help__subcmd__status_commands] )) ||
_abstractgateway__subcmd__config__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config help status commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__init_commands] )) ||
_abstractgateway__subcmd__config__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config init commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__set-default_commands] )) ||
_abstractgateway__subcmd__config__subcmd__set-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config set-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__config__subcmd__status_commands] )) ||
_abstractgateway__subcmd__config__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway config status commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__doctor_commands] )) ||
_abstractgateway__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway doctor commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help_commands] )) ||
_abstractgateway__subcmd__help_commands() {
    local commands; commands=(
'serve:Serve the gateway over HTTP until SIGINT or SIGTERM' \
'runner:Drive runs without listening, beside \`serve --no-runner\` on the same data' \
'runs:Start, watch and steer runs' \
'ledger:Read the ledger of a run' \
'kg:Look into the knowledge graph that flows write' \
'bundles:Install, show and remove workflow bundles' \
'users:Manage the users of the gateway' \
'backup:Back up the data directory, check backups, and restore them' \
'storage:Show what the data takes on the disk, and get room back' \
'config:Show and prepare the configuration' \
'migrate:Take over the runs that the Python gateway kept in files' \
'doctor:Check that the gateway can work, and say what to do if not' \
'selftest:Prove on this machine that the gateway keeps its promises' \
'completions:Print the completions of a shell' \
'man:Write the manual pages to a folder' \
'reference:Write the reference pages for settings and errors to a folder' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__backup_commands] )) ||
_abstractgateway__subcmd__help__subcmd__backup_commands() {
    local commands; commands=(
'create:Back up the data directory into a new folder, while runs go on' \
'verify:Check that a backup is whole and sound' \
'restore:Restore a backup into a new or empty data directory' \
    )
    _describe -t commands 'abstractgateway help backup commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__backup__subcmd__create_commands] )) ||
_abstractgateway__subcmd__help__subcmd__backup__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help backup create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__backup__subcmd__restore_commands] )) ||
_abstractgateway__subcmd__help__subcmd__backup__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help backup restore commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__backup__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__help__subcmd__backup__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help backup verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles_commands() {
    local commands; commands=(
'list:List the bundles that can be run' \
'show:Show a bundle, its flows and their inputs' \
'upload:Install a bundle file' \
'remove:Remove a bundle, or one version of it' \
'reload:Read the bundle folder again' \
    )
    _describe -t commands 'abstractgateway help bundles commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles__subcmd__list_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help bundles list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles__subcmd__reload_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles__subcmd__reload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help bundles reload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles__subcmd__remove_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help bundles remove commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles__subcmd__show_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help bundles show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__bundles__subcmd__upload_commands] )) ||
_abstractgateway__subcmd__help__subcmd__bundles__subcmd__upload_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help bundles upload commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__completions_commands] )) ||
_abstractgateway__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help completions commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config_commands() {
    local commands; commands=(
'status:Show the configuration in force' \
'init:Write an env file to start a gateway with' \
'bootstrap-admin:Make sure there is an administrator, and leave its token in a file' \
'defaults:Show which model does what' \
'set-default:Set the model of a route' \
'clear-default:Clear the model of a route' \
    )
    _describe -t commands 'abstractgateway help config commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__bootstrap-admin_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__bootstrap-admin_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config bootstrap-admin commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__clear-default_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__clear-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config clear-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__defaults_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__defaults_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config defaults commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__init_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config init commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__set-default_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__set-default_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config set-default commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__config__subcmd__status_commands] )) ||
_abstractgateway__subcmd__help__subcmd__config__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help config status commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__doctor_commands] )) ||
_abstractgateway__subcmd__help__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help doctor commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__kg_commands] )) ||
_abstractgateway__subcmd__help__subcmd__kg_commands() {
    local commands; commands=(
'query:List assertions, the newest first' \
    )
    _describe -t commands 'abstractgateway help kg commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__kg__subcmd__query_commands] )) ||
_abstractgateway__subcmd__help__subcmd__kg__subcmd__query_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help kg query commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__ledger_commands] )) ||
_abstractgateway__subcmd__help__subcmd__ledger_commands() {
    local commands; commands=(
'tail:Print the records of a run as they are written, until it ends' \
'show:Print the records of a run so far' \
'verify:Verify the hash chain of ledgers' \
    )
    _describe -t commands 'abstractgateway help ledger commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__ledger__subcmd__show_commands] )) ||
_abstractgateway__subcmd__help__subcmd__ledger__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help ledger show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__ledger__subcmd__tail_commands] )) ||
_abstractgateway__subcmd__help__subcmd__ledger__subcmd__tail_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help ledger tail commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__ledger__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__help__subcmd__ledger__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help ledger verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__man_commands] )) ||
_abstractgateway__subcmd__help__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help man commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__migrate_commands] )) ||
_abstractgateway__subcmd__help__subcmd__migrate_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help migrate commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__reference_commands] )) ||
_abstractgateway__subcmd__help__subcmd__reference_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help reference commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runner_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runner_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runner commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs_commands() {
    local commands; commands=(
'start:Start a run of a bundle'\''s flow' \
'schedule:Start a flow later, or again and again' \
'fork:Start a new run from the state a run had after one of its ledger records' \
'reschedule:Give a schedule another interval or cron expression' \
'compact:Archive the older part of a schedule'\''s conversation and leave a summary in its place' \
'list:List runs, the most recently changed first' \
'show:Show a run' \
'explain:Say why a run does not move, and what moves it' \
'history:Show what a run did, record by record' \
'summary:Have a model summarize a run' \
'chat:Have a model answer a question about a run' \
'follow:Watch a run until it ends, answer its questions, and print its output' \
'cancel:End a run and the runs it started' \
'pause:Hold a run and the runs it started' \
'resume:Let a held run go on, or answer what it waits for' \
'open:Open the folder a run works in, on the desktop of the gateway'\''s machine' \
'prune:Delete runs that ended long ago, with their records, artifacts and workspaces' \
'purge-drafts:Delete draft runs whose time is over, with their records, artifacts and workspaces' \
    )
    _describe -t commands 'abstractgateway help runs commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__cancel_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__cancel_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs cancel commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__chat_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__chat_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs chat commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__explain_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs explain commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__follow_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__follow_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs follow commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__fork_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__fork_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs fork commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__history_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__history_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs history commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__list_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__open_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__open_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs open commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__pause_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__pause_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs pause commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__prune_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__prune_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs prune commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__purge-drafts_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__purge-drafts_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs purge-drafts commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__reschedule_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__reschedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs reschedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__resume_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs resume commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__schedule_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__schedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs schedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__show_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__start_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs start commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__runs__subcmd__summary_commands] )) ||
_abstractgateway__subcmd__help__subcmd__runs__subcmd__summary_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help runs summary commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__selftest_commands] )) ||
_abstractgateway__subcmd__help__subcmd__selftest_commands() {
    local commands; commands=(
'chaos:Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice' \
    )
    _describe -t commands 'abstractgateway help selftest commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__selftest__subcmd__chaos_commands] )) ||
_abstractgateway__subcmd__help__subcmd__selftest__subcmd__chaos_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help selftest chaos commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__serve_commands] )) ||
_abstractgateway__subcmd__help__subcmd__serve_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help serve commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__storage_commands] )) ||
_abstractgateway__subcmd__help__subcmd__storage_commands() {
    local commands; commands=(
'show:Show what the database takes, and what is free on the disk' \
'compact:Write the database anew without its holes; writes wait meanwhile' \
    )
    _describe -t commands 'abstractgateway help storage commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__storage__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__help__subcmd__storage__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help storage compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__storage__subcmd__show_commands] )) ||
_abstractgateway__subcmd__help__subcmd__storage__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help storage show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users_commands() {
    local commands; commands=(
'list:List all users' \
'show:Show a user' \
'create:Create a user and show its token, once' \
'rotate:Give a user a new token and show it, once; the old one ends' \
'disable:Refuse a user'\''s token until it is enabled again' \
'enable:Accept a user'\''s token again' \
'delete:Delete a user; its data stays reserved for it' \
    )
    _describe -t commands 'abstractgateway help users commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__create_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__delete_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users delete commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__disable_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__disable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users disable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__enable_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__enable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users enable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__list_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__rotate_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users rotate commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__help__subcmd__users__subcmd__show_commands] )) ||
_abstractgateway__subcmd__help__subcmd__users__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway help users show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__kg_commands] )) ||
_abstractgateway__subcmd__kg_commands() {
    local commands; commands=(
'query:List assertions, the newest first' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway kg commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__kg__subcmd__help_commands] )) ||
_abstractgateway__subcmd__kg__subcmd__help_commands() {
    local commands; commands=(
'query:List assertions, the newest first' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway kg help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__kg__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__kg__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway kg help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__kg__subcmd__help__subcmd__query_commands] )) ||
_abstractgateway__subcmd__kg__subcmd__help__subcmd__query_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway kg help query commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__kg__subcmd__query_commands] )) ||
_abstractgateway__subcmd__kg__subcmd__query_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway kg query commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger_commands] )) ||
_abstractgateway__subcmd__ledger_commands() {
    local commands; commands=(
'tail:Print the records of a run as they are written, until it ends' \
'show:Print the records of a run so far' \
'verify:Verify the hash chain of ledgers' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway ledger commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__help_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__help_commands() {
    local commands; commands=(
'tail:Print the records of a run as they are written, until it ends' \
'show:Print the records of a run so far' \
'verify:Verify the hash chain of ledgers' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway ledger help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__help__subcmd__show_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger help show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__help__subcmd__tail_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__help__subcmd__tail_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger help tail commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__help__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger help verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__show_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__tail_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__tail_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger tail commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__ledger__subcmd__verify_commands] )) ||
_abstractgateway__subcmd__ledger__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway ledger verify commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__man_commands] )) ||
_abstractgateway__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway man commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__migrate_commands] )) ||
_abstractgateway__subcmd__migrate_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway migrate commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__reference_commands] )) ||
_abstractgateway__subcmd__reference_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway reference commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runner_commands] )) ||
_abstractgateway__subcmd__runner_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runner commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs_commands] )) ||
_abstractgateway__subcmd__runs_commands() {
    local commands; commands=(
'start:Start a run of a bundle'\''s flow' \
'schedule:Start a flow later, or again and again' \
'fork:Start a new run from the state a run had after one of its ledger records' \
'reschedule:Give a schedule another interval or cron expression' \
'compact:Archive the older part of a schedule'\''s conversation and leave a summary in its place' \
'list:List runs, the most recently changed first' \
'show:Show a run' \
'explain:Say why a run does not move, and what moves it' \
'history:Show what a run did, record by record' \
'summary:Have a model summarize a run' \
'chat:Have a model answer a question about a run' \
'follow:Watch a run until it ends, answer its questions, and print its output' \
'cancel:End a run and the runs it started' \
'pause:Hold a run and the runs it started' \
'resume:Let a held run go on, or answer what it waits for' \
'open:Open the folder a run works in, on the desktop of the gateway'\''s machine' \
'prune:Delete runs that ended long ago, with their records, artifacts and workspaces' \
'purge-drafts:Delete draft runs whose time is over, with their records, artifacts and workspaces' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway runs commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__cancel_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__cancel_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs cancel commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__chat_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__chat_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs chat commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__explain_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs explain commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__follow_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__follow_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs follow commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__fork_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__fork_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs fork commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help_commands() {
    local commands; commands=(
'start:Start a run of a bundle'\''s flow' \
'schedule:Start a flow later, or again and again' \
'fork:Start a new run from the state a run had after one of its ledger records' \
'reschedule:Give a schedule another interval or cron expression' \
'compact:Archive the older part of a schedule'\''s conversation and leave a summary in its place' \
'list:List runs, the most recently changed first' \
'show:Show a run' \
'explain:Say why a run does not move, and what moves it' \
'history:Show what a run did, record by record' \
'summary:Have a model summarize a run' \
'chat:Have a model answer a question about a run' \
'follow:Watch a run until it ends, answer its questions, and print its output' \
'cancel:End a run and the runs it started' \
'pause:Hold a run and the runs it started' \
'resume:Let a held run go on, or answer what it waits for' \
'open:Open the folder a run works in, on the desktop of the gateway'\''s machine' \
'prune:Delete runs that ended long ago, with their records, artifacts and workspaces' \
'purge-drafts:Delete draft runs whose time is over, with their records, artifacts and workspaces' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway runs help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__cancel_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__cancel_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help cancel commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__chat_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__chat_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help chat commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__explain_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help explain commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__follow_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__follow_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help follow commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__fork_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__fork_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help fork commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__history_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__history_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help history commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__list_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__open_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__open_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help open commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__pause_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__pause_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help pause commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__prune_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__prune_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help prune commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__purge-drafts_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__purge-drafts_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help purge-drafts commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__reschedule_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__reschedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help reschedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__resume_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help resume commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__schedule_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__schedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help schedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__show_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__start_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help start commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__help__subcmd__summary_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__help__subcmd__summary_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs help summary commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__history_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__history_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs history commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__list_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__open_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__open_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs open commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__pause_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__pause_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs pause commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__prune_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__prune_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs prune commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__purge-drafts_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__purge-drafts_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs purge-drafts commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__reschedule_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__reschedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs reschedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__resume_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs resume commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__schedule_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__schedule_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs schedule commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__show_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__start_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs start commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__runs__subcmd__summary_commands] )) ||
_abstractgateway__subcmd__runs__subcmd__summary_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway runs summary commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__selftest_commands] )) ||
_abstractgateway__subcmd__selftest_commands() {
    local commands; commands=(
'chaos:Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway selftest commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__selftest__subcmd__chaos_commands] )) ||
_abstractgateway__subcmd__selftest__subcmd__chaos_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway selftest chaos commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__selftest__subcmd__help_commands] )) ||
_abstractgateway__subcmd__selftest__subcmd__help_commands() {
    local commands; commands=(
'chaos:Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway selftest help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__selftest__subcmd__help__subcmd__chaos_commands] )) ||
_abstractgateway__subcmd__selftest__subcmd__help__subcmd__chaos_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway selftest help chaos commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__selftest__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__selftest__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway selftest help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__serve_commands] )) ||
_abstractgateway__subcmd__serve_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway serve commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage_commands] )) ||
_abstractgateway__subcmd__storage_commands() {
    local commands; commands=(
'show:Show what the database takes, and what is free on the disk' \
'compact:Write the database anew without its holes; writes wait meanwhile' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway storage commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway storage compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__help_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__help_commands() {
    local commands; commands=(
'show:Show what the database takes, and what is free on the disk' \
'compact:Write the database anew without its holes; writes wait meanwhile' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway storage help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__help__subcmd__compact_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__help__subcmd__compact_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway storage help compact commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway storage help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__help__subcmd__show_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway storage help show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__storage__subcmd__show_commands] )) ||
_abstractgateway__subcmd__storage__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway storage show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users_commands] )) ||
_abstractgateway__subcmd__users_commands() {
    local commands; commands=(
'list:List all users' \
'show:Show a user' \
'create:Create a user and show its token, once' \
'rotate:Give a user a new token and show it, once; the old one ends' \
'disable:Refuse a user'\''s token until it is enabled again' \
'enable:Accept a user'\''s token again' \
'delete:Delete a user; its data stays reserved for it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway users commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__create_commands] )) ||
_abstractgateway__subcmd__users__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__delete_commands] )) ||
_abstractgateway__subcmd__users__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users delete commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__disable_commands] )) ||
_abstractgateway__subcmd__users__subcmd__disable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users disable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__enable_commands] )) ||
_abstractgateway__subcmd__users__subcmd__enable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users enable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help_commands() {
    local commands; commands=(
'list:List all users' \
'show:Show a user' \
'create:Create a user and show its token, once' \
'rotate:Give a user a new token and show it, once; the old one ends' \
'disable:Refuse a user'\''s token until it is enabled again' \
'enable:Accept a user'\''s token again' \
'delete:Delete a user; its data stays reserved for it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'abstractgateway users help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__create_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help create commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__delete_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help delete commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__disable_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__disable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help disable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__enable_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__enable_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help enable commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__help_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help help commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__list_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__rotate_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help rotate commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__help__subcmd__show_commands] )) ||
_abstractgateway__subcmd__users__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users help show commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__list_commands] )) ||
_abstractgateway__subcmd__users__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users list commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__rotate_commands] )) ||
_abstractgateway__subcmd__users__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users rotate commands' commands "$@"
}
(( $+functions[_abstractgateway__subcmd__users__subcmd__show_commands] )) ||
_abstractgateway__subcmd__users__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'abstractgateway users show commands' commands "$@"
}

if [ "$funcstack[1]" = "_abstractgateway" ]; then
    _abstractgateway "$@"
else
    compdef _abstractgateway abstractgateway
fi
