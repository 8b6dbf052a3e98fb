#compdef reunion-group
# zsh completion for reunion-group

local -a options=(
    '--no-config[do not read the configuration file]'
    '--seal-file=[the passphrase of the file]:FILE:_files'
    '--json[write events as lines of JSON]'
    '(-v --verbose)'{-v,--verbose}'[log what happens]'
    '(-h --help)'{-h,--help}'[show a help text]'
    '(-V --version)'{-V,--version}'[show the version]'
)
case ${words[2]} in
create)
    options+=(
        '--as=[your name in the group]:NAME: '
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '1:command:(create)'
        '2::NAME: '
    )
    ;;
invite)
    options+=(
        '--duration=[how long to stay]:TIME: '
        '--jobs=[threads that compute]:N: '
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '--passphrase-file=[read the passphrase from a file]:FILE:_files'
        '--passphrase-fd=[read the passphrase from an open descriptor]:N: '
        '--passphrase=[the passphrase; others can see it]:TEXT: '
        '--generate[make a new passphrase and show it once]'
        '--confirm[ask for the passphrase twice]'
        '--tolerance=[how far clocks may be apart]:TIME: '
        '--max-sequence=[buckets of one window at most]:N: '
        '1:command:(invite)'
        '2::NAME: '
    )
    ;;
join)
    options+=(
        '--as=[your name in the group]:NAME: '
        '--duration=[how long to stay]:TIME: '
        '--jobs=[threads that compute]:N: '
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '--passphrase-file=[read the passphrase from a file]:FILE:_files'
        '--passphrase-fd=[read the passphrase from an open descriptor]:N: '
        '--passphrase=[the passphrase; others can see it]:TEXT: '
        '--tolerance=[how far clocks may be apart]:TIME: '
        '--max-sequence=[buckets of one window at most]:N: '
        '1:command:(join)'
    )
    ;;
send)
    options+=(
        '(--msg --message)'{--msg=,--message=}'[the message]:TEXT: '
        '--msg-file=[read the message from a file]:FILE:_files'
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '1:command:(send)'
        '2::NAME: '
    )
    ;;
listen)
    options+=(
        '--once[show what is there, and end]'
        '--duration=[how long to stay]:TIME: '
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '1:command:(listen)'
        '2::NAME: '
    )
    ;;
members)
    options+=(
        '1:command:(members)'
        '2::NAME: '
    )
    ;;
remove)
    options+=(
        '--member=[whom to remove]:MEMBER: '
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '1:command:(remove)'
        '2::NAME: '
    )
    ;;
leave)
    options+=(
        '--server=[the server with the mailboxes]:URL: '
        '--direct[the server may see the address of this machine]'
        '--mixes=[go through the mixes of this net file]:FILE:_files'
        '--route=[the mixes of each route, in this order]:NAME,...: '
        '--cover=[send cover, on the average so often]:TIME: '
        '1:command:(leave)'
        '2::NAME: '
    )
    ;;
list)
    options+=(
        '1:command:(list)'
    )
    ;;
*)
    local -a subcommands=(
        'create:begin a group'
        'invite:meet somebody by a passphrase, who becomes a member'
        'join:meet a member by a passphrase, and become one'
        'send:send a message to all members'
        'listen:show messages as they come, and send lines that are typed'
        'members:print who is in the group, and words to compare'
        'remove:remove a member'
        'leave:leave a group, and forget it'
        'list:print the groups of this device'
    )
    options+=(
        '1::command:{_describe command subcommands}'
    )
    ;;
esac
_arguments -s -S $options
