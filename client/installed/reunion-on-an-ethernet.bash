# bash completion for reunion-on-an-ethernet

_reunion_on_an_ethernet()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --msg-file | --passphrase-file | --state)
        _filedir
        return
        ;;
    --message | --msg | --passphrase-fd | --passphrase | --bind-addr | --bind-mask | \
        --interface | --multicast-group | --port | --multicast-port | --timeout | --duration | \
        --interval | --expect | --jobs)
        return
        ;;
    esac
    $split && return

    local options='
        --message --msg --msg-file --exact-size --passphrase-file --passphrase-fd --passphrase
        --generate --confirm --bind-addr --bind-mask --interface --multicast-group --port
        --multicast-port -t --timeout --duration -I --interval --reveal-once --reveal-all
        --expect --background --no-linger --jobs --state --json -v --verbose -h --help -V
        --version'
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
} && complete -F _reunion_on_an_ethernet reunion-on-an-ethernet
