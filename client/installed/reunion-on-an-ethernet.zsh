#compdef reunion-on-an-ethernet
# zsh completion for reunion-on-an-ethernet

_arguments -s -S \
    '(--message --msg)'{--message=,--msg=}'[the message for those you meet]:TEXT: ' \
    '--msg-file=[read the message from a file]:FILE:_files' \
    '--exact-size[show how long the message is]' \
    '--passphrase-file=[read the passphrase from a file]:FILE:_files' \
    '--passphrase-fd=[read the passphrase from an open descriptor]:N: ' \
    '--passphrase=[the passphrase; others can see it]:TEXT: ' \
    '--generate[make a new passphrase and show it once]' \
    '--confirm[ask for the passphrase twice]' \
    '--bind-addr=[use only the interface with this address]:ADDRESS: ' \
    '(--bind-mask --interface)'{--bind-mask=,--interface=}'[use this interface]:NAME: ' \
    '--multicast-group=[the address of the group]:ADDRESS: ' \
    '(--port --multicast-port)'{--port=,--multicast-port=}'[the port of the group]:N: ' \
    '(-t --timeout --duration)'{-t,--timeout=,--duration=}'[how long to stay]:TIME: ' \
    '(-I --interval)'{-I,--interval=}'[how long a session lasts]:TIME: ' \
    '--reveal-once[expect one message]' \
    '--reveal-all[meet everybody who comes]' \
    '--expect=[how many messages to expect]:N: ' \
    '--background[return when enough have come]' \
    '--no-linger[end as soon as enough have come]' \
    '--jobs=[threads that compute]:N: ' \
    '--state=[a file to go on from in a later run]:FILE:_files' \
    '--json[write events as lines of JSON]' \
    '(-v --verbose)'{-v,--verbose}'[log what happens]' \
    '(-h --help)'{-h,--help}'[show a help text]' \
    '(-V --version)'{-V,--version}'[show the version]'
