#compdef reunion-link
# zsh completion for reunion-link

local -a options=(
    '--file=[read the link or invitation from a file]:FILE:_files'
    '--passphrase-file=[read the passphrase from a file]:FILE:_files'
    '--passphrase-fd=[read the passphrase from an open descriptor]:N: '
    '--passphrase=[the passphrase; others can see it]:TEXT: '
    '--server=[the server that holds the link]:URL: '
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
    '--json[write events as lines of JSON]'
    '(-v --verbose)'{-v,--verbose}'[log what happens]'
    '(-h --help)'{-h,--help}'[show a help text]'
    '(-V --version)'{-V,--version}'[show the version]'
)
case ${words[2]} in
create)
    options+=(
        '--separate[leave the passphrase out of the invitation]'
        '--qr[show the invitation as a QR code, too]'
        '--confirm[ask for the passphrase twice]'
        '--max-effort=[the most work a server may ask for]:N: '
        '1:command:(create)'
        '2::LINK: '
    )
    ;;
open)
    options+=(
        '1:command:(open)'
        '2::INVITATION: '
    )
    ;;
*)
    local -a subcommands=(
        'create:leave a link at a server and print an invitation'
        'open:print the link that an invitation leads to'
    )
    options+=(
        '1::command:{_describe command subcommands}'
    )
    ;;
esac
_arguments -s -S $options
