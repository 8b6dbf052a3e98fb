# bash completion for reunion-group

_reunion_group()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --msg-file | --passphrase-file | --seal-file)
        _filedir
        return
        ;;
    --as | --member | --msg | --message | --duration | --jobs | --server | --passphrase-fd | \
        --passphrase | --tolerance | --max-sequence)
        return
        ;;
    esac
    $split && return

    local options='
        --no-config --seal-file --json -v --verbose -h --help -V --version'
    case ${words[1]} in
    create) options+=' --as --server --direct' ;;
    invite) options+=' --duration --jobs --server --direct --passphrase-file --passphrase-fd --passphrase
        --generate --confirm --tolerance --max-sequence' ;;
    join) options+=' --as --duration --jobs --server --direct --passphrase-file --passphrase-fd --passphrase
        --tolerance --max-sequence' ;;
    send) options+=' --msg --message --msg-file --server --direct' ;;
    listen) options+=' --once --duration --server --direct' ;;
    members) ;;
    remove) options+=' --member --server --direct' ;;
    leave) options+=' --server --direct' ;;
    list) ;;
    *) ((cword == 1)) && options+=' create invite join send listen members remove leave list' ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
} && complete -F _reunion_group reunion-group
