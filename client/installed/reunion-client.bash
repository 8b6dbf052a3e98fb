# bash completion for reunion-client

_reunion_client()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --msg-file | --passphrase-file | --cacert | --box-client-key | --mixes | --state)
        _filedir
        return
        ;;
    --msg | --message | --passphrase-fd | --passphrase | --server | --bucket | --place | \
        --tolerance | --max-sequence | --pin | --proxy | --route | --cover | --duration | \
        --timeout | --expect | --jobs | --max-peers | --effort | --max-effort)
        return
        ;;
    esac
    $split && return

    local options='
        --server --bucket --place --tolerance --max-sequence --cacert --pin --insecure-http
        --proxy --box-client-key --no-config --mixes --route --cover --jobs --json -v --verbose
        -h --help -V --version'
    case ${words[1]} in
    check) ;;
    *)
        options+='
            --msg --message --msg-file --passphrase-file --passphrase-fd --passphrase --generate
            --confirm --reference --duration --timeout --expect --background --no-linger
            --max-peers --effort --max-effort --state'
        ((cword == 1)) && options+=' check'
        ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
} && complete -F _reunion_client reunion-client
