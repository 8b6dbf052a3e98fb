# bash completion for reunion-link

_reunion_link()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --file | --passphrase-file | --cacert | --box-client-key | --mixes)
        _filedir
        return
        ;;
    --passphrase-fd | --passphrase | --server | --tolerance | --max-sequence | --max-effort | \
        --pin | --proxy | --route | --cover)
        return
        ;;
    esac
    $split && return

    local options='
        --file --passphrase-file --passphrase-fd --passphrase --server --tolerance
        --max-sequence --cacert --pin --insecure-http --proxy --box-client-key --no-config
        --mixes --route --cover --json -v --verbose -h --help -V --version'
    case ${words[1]} in
    create) options+=' --separate --qr --confirm --max-effort' ;;
    open) ;;
    *) ((cword == 1)) && options+=' create open' ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
} && complete -F _reunion_link reunion-link
