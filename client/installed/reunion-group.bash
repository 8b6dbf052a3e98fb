# bash completion for reunion-group

_reunion_group()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
    --msg-file | --passphrase-file | --seal-file | --mixes)
        _filedir
        return
        ;;
    --as | --member | --msg | --message | --duration | --jobs | --server | --passphrase-fd | \
        --passphrase | --tolerance | --max-sequence | --route | --cover)
        return
        ;;
    esac
    $split && return

    local way='--server --direct --mixes --route --cover'
    local options='
        --no-config --seal-file --json -v --verbose -h --help -V --version'
    case ${words[1]} in
    create) options+=" --as $way" ;;
    invite) options+=" --duration --jobs $way --passphrase-file --passphrase-fd --passphrase
        --generate --confirm --tolerance --max-sequence" ;;
    join) options+=" --as --duration --jobs $way --passphrase-file --passphrase-fd --passphrase
        --tolerance --max-sequence" ;;
    send) options+=" --msg --message --msg-file $way" ;;
    listen) options+=" --once --duration $way" ;;
    members) ;;
    remove) options+=" --member $way" ;;
    leave) options+=" $way" ;;
    list) ;;
    *) ((cword == 1)) && options+=' create invite join send listen members remove leave list' ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
} && complete -F _reunion_group reunion-group
