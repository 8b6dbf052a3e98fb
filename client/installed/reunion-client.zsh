#compdef reunion-client
# zsh completion for reunion-client

local -a options=(
    '*--server=[the server to meet at]:URL: '
    '--bucket=[look for others only in this bucket]:LINK: '
    '--place=[the place at the server to meet in]:NAME: '
    '--tolerance=[how far clocks may be apart]:TIME: '
    '--max-sequence=[buckets of one window at most]:N: '
    '--cacert=[the certificate authorities to trust]:FILE:_files'
    '--pin=[the hash of the public key to expect]:HASH: '
    '--insecure-http[http over any network]'
    '--proxy=[a proxy to use, such as Tor]:URL: '
    '--box-client-key=[the key of this client, for servers with a list]:FILE:_files'
    '--no-config[do not read the configuration file]'
    '--mixes=[go through the mixes of this net file]:FILE:_files'
    '--route=[the mixes of each route, in this order]:NAME,...: '
    '--cover=[send cover, on the average so often]:TIME: '
    '--jobs=[threads that compute]:N: '
    '--json[write events as lines of JSON]'
    '(-v --verbose)'{-v,--verbose}'[log what happens]'
    '(-h --help)'{-h,--help}'[show a help text]'
    '(-V --version)'{-V,--version}'[show the version]'
)
case ${words[2]} in
check)
    options+=(
        '1:command:(check)'
    )
    ;;
*)
    local -a subcommands=(
        'check:find out what is wrong with a server'
    )
    options+=(
        '(--msg --message)'{--msg=,--message=}'[the message for those you meet]:TEXT: '
        '--msg-file=[read the message from a file]:FILE:_files'
        '--passphrase-file=[read the passphrase from a file]:FILE:_files'
        '--passphrase-fd=[read the passphrase from an open descriptor]:N: '
        '--passphrase=[the passphrase; others can see it]:TEXT: '
        '--generate[make a new passphrase and show it once]'
        '--confirm[ask for the passphrase twice]'
        '--reference[the server is the Python reference]'
        '(--duration --timeout)'{--duration=,--timeout=}'[how long to stay]:TIME: '
        '--expect=[how many messages to expect]:N: '
        '--background[return when enough have come]'
        '--no-linger[end as soon as enough have come]'
        '--max-peers=[other people to compute for]:N: '
        '--effort=[work to do beyond what the server asks for]:N: '
        '--max-effort=[the most work a server may ask for]:N: '
        '--state=[a file to go on from in a later run]:FILE:_files'
        '1::command:{_describe command subcommands}'
    )
    ;;
esac
_arguments -s -S $options
