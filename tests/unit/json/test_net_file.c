#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/address.h"
#include "json/net_file.h"

#define KEY_A       "mcqnOSe-3pODFiHVi8qrXl78SPWoXd05_GgTjwomX_Y"
#define KEY_B       "B5W525DCi_r_cSq9Zx8-GfWSR53cW48lhggfln_lN5k"
#define KEY_C       "FZmEc4Sm_ovWJaxT7S2QbRP7n93Bhq0upr6TnHckuAQ"
#define KEY_ZEROS   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_ORDER_8 "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA"

#define NODE(name, address, key)                                                                   \
    "{\"name\":\"" name "\",\"address\":\"" address "\",\"key\":\"" key "\"}"
#define NET(mixes, servers) "{\"mixes\":[" mixes "],\"servers\":[" servers "]}"
#define ALDER               NODE("alder", "203.0.113.5:5444", KEY_A)
#define MEET                NODE("meet", "203.0.113.9:5443", KEY_B)
#define ADDRESS_WANTED                                                                             \
    "\"address\" must be numeric with a port, such as 203.0.113.5:5444 or [2001:db8::5]:5444; "    \
    "names are not looked up"
#define KEY_WANTED  "\"key\" must be a public key, 43 characters of base64url"
#define NAME_WANTED "\"name\" must be 1 to 63 letters, digits, '.', '-' and '_'"
#define NAME_63     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456.-_x"

static struct net_file net;

static void assert_node(const struct net_node *node, const char *name, const char *address,
                        const char *key)
{
    char text[NET_ADDRESS_TEXT_BYTES], key_text[BOX_ADDRESS_KEY_TEXT_BYTES];
    assert_string_equal(node->name, name);
    net_address_print(text, &node->at);
    assert_string_equal(text, address);
    box_key_print(key_text, node->key);
    assert_string_equal(key_text, key);
}

static int parse(const char *text, char complaint[static NET_COMPLAINT_BYTES])
{
    /* Memory of just its size: nothing beyond it is read. */
    size_t bytes = strlen(text);
    char *exact = malloc(bytes ? bytes : 1);
    assert_non_null(exact);
    memcpy(exact, text, bytes);
    complaint[0] = '\0';
    int err = net_file_parse(&net, exact, bytes, complaint);
    free(exact);
    return err;
}

static void a_file_is_read(void **state)
{
    (void)state;
    char complaint[NET_COMPLAINT_BYTES];
    static const uint8_t v4[MIX_ADDRESS_BYTES] = {0, 0, 0,    0,    0,   0, 0,   0,
                                                  0, 0, 0xff, 0xff, 203, 0, 113, 5};
    assert_int_equal(
        parse(NET(ALDER "," NODE(NAME_63, "[2001:db8::5]:65535", KEY_C), MEET), complaint), 0);
    assert_int_equal(net.mix_count, 2);
    assert_int_equal(net.server_count, 1);
    assert_node(&net.mixes[0], "alder", "203.0.113.5:5444", KEY_A);
    assert_node(&net.mixes[1], NAME_63, "[2001:db8::5]:65535", KEY_C);
    assert_node(&net.servers[0], "meet", "203.0.113.9:5443", KEY_B);
    assert_memory_equal(net.mixes[0].at.address, v4, sizeof v4);
    assert_int_equal(net.mixes[0].at.port, 5444);
}

static void names_are_apart_in_each_list_alone(void **state)
{
    (void)state;
    char complaint[NET_COMPLAINT_BYTES];
    assert_int_equal(parse(NET(ALDER, NODE("alder", "203.0.113.9:5443", KEY_B)), complaint), 0);
    assert_int_equal(parse(NET(ALDER, ""), complaint), 0); /* mixes before there is a server */
    assert_int_equal(net.server_count, 0);
}

static const struct wrong {
    const char *text, *complaint;
} wrong_files[] = {
    {"", "line 1 is no JSON: '[' or '{' expected near end of file"},
    {"[]", "this is no JSON object"},
    {"\xef\xbb\xbf{}", "it begins with a byte order mark: save it as UTF-8 without one"},
    {"{\"mixes\":[],\"mixes\":[]}", "line 1 is no JSON: duplicate object key near '\"mixes\"'"},
    {"{\"servers\":[]}", "\"mixes\" is missing"},
    {"{\"mixes\":[" ALDER "]}", "\"servers\" is missing"},
    {"{\"mixes\":{},\"servers\":[]}", "\"mixes\" is no list"},
    {"{\"mixes\":[" ALDER "],\"servers\":\"meet\"}", "\"servers\" is no list"},
    {NET("", MEET), "\"mixes\" is empty"},
    {"{\"mixes\":[" ALDER "],\"servers\":[],\"mixen\":[]}",
     "nothing called \"mixen\" may stand there"},
    {"{\"mixes\":[" ALDER "],\"servers\":[],\"\\u001b[2J\\u00fc\":0}",
     "nothing called \"?[2J??\" may stand there"},
    {NET("7", MEET), "number 1 of \"mixes\": this is no object"},
    {NET(ALDER ",{}", MEET), "number 2 of \"mixes\": \"name\" is missing"},
    {NET("{\"name\":3}", MEET), "number 1 of \"mixes\": \"name\" is no text"},
    {NET(NODE("", "203.0.113.5:5444", KEY_A), MEET), "number 1 of \"mixes\": " NAME_WANTED},
    {NET(NODE("a,b", "203.0.113.5:5444", KEY_A), MEET), "number 1 of \"mixes\": " NAME_WANTED},
    {NET(NODE(NAME_63 "y", "203.0.113.5:5444", KEY_A), MEET),
     "number 1 of \"mixes\": " NAME_WANTED},
    {NET("{\"name\":\"alder\",\"port\":3}", MEET),
     "number 1 of \"mixes\" (alder): nothing called \"port\" may stand there"},
    {NET("{\"name\":\"alder\"}", MEET), "number 1 of \"mixes\" (alder): \"address\" is missing"},
    {NET("{\"name\":\"alder\",\"address\":5444}", MEET),
     "number 1 of \"mixes\" (alder): \"address\" is no text"},
    {NET("{\"name\":\"alder\",\"address\":\"203.0.113.5:5444\"}", MEET),
     "number 1 of \"mixes\" (alder): \"key\" is missing"},
    {NET(ALDER, NODE("meet", "meet.example:5443", KEY_B)),
     "number 1 of \"servers\" (meet): " ADDRESS_WANTED},
    {NET(NODE("alder", "203.0.113.5:5444", KEY_A "x"), MEET),
     "number 1 of \"mixes\" (alder): " KEY_WANTED},
    {NET(NODE("alder", "203.0.113.5:5444", "mcqnOSe+3pODFiHVi8qrXl78SPWoXd05/GgTjwomX/Y"), MEET),
     "number 1 of \"mixes\" (alder): " KEY_WANTED},
    {NET(NODE("alder", "203.0.113.5:5444", KEY_ZEROS), MEET),
     "number 1 of \"mixes\" (alder): nobody can have this \"key\""},
    {NET(NODE("alder", "203.0.113.5:5444", KEY_ORDER_8), MEET),
     "number 1 of \"mixes\" (alder): nobody can have this \"key\""},
    {NET(ALDER "," NODE("alder", "203.0.113.6:5444", KEY_C), MEET),
     "number 2 of \"mixes\" (alder): the mix alder has the same name"},
    {NET(ALDER "," NODE("birch", "203.0.113.5:5444", KEY_C), MEET),
     "number 2 of \"mixes\" (birch): the mix alder has the same address"},
    {NET(ALDER "," NODE("birch", "[::ffff:203.0.113.5]:5444", KEY_C), MEET),
     "number 2 of \"mixes\" (birch): the mix alder has the same address"},
    {NET(ALDER "," NODE("birch", "203.0.113.6:5444", KEY_A), MEET),
     "number 2 of \"mixes\" (birch): the mix alder has the same key"},
    {NET(ALDER, NODE("meet", "203.0.113.5:5444", KEY_B)),
     "number 1 of \"servers\" (meet): the mix alder has the same address"},
    {NET(ALDER, NODE("meet", "203.0.113.9:5443", KEY_A)),
     "number 1 of \"servers\" (meet): the mix alder has the same key"},
    {NET(ALDER, MEET "," NODE("meet", "203.0.113.8:5443", KEY_C)),
     "number 2 of \"servers\" (meet): the server meet has the same name"},
};

static void a_wrong_file_is_complained_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong_files / sizeof *wrong_files; i++) {
        char complaint[NET_COMPLAINT_BYTES];
        net.mix_count = 77;
        assert_int_equal(parse(wrong_files[i].text, complaint), -EBADMSG);
        assert_string_equal(complaint, wrong_files[i].complaint);
        assert_int_equal(net.mix_count, 77);
    }
}

/* A file with as many mixes; to be freed. */
static char *file_of(size_t mixes)
{
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    assert_non_null(file);
    fputs("{\"servers\":[],\"mixes\":[", file);
    for (size_t i = 0; i < mixes; i++) {
        char key[BOX_ADDRESS_KEY_TEXT_BYTES];
        const uint8_t bytes_of_key[BOX_KEY_BYTES] = {9, 9, (uint8_t)(i + 1)};
        box_key_print(key, bytes_of_key);
        fprintf(file, "%s{\"name\":\"m%zu\",\"address\":\"10.0.0.1:%zu\",\"key\":\"%s\"}",
                i > 0 ? "," : "", i, 1000 + i, key);
    }
    fputs("]}", file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void there_are_so_many_mixes_at_most(void **state)
{
    (void)state;
    char complaint[NET_COMPLAINT_BYTES], *most = file_of(NET_MIXES_MAX);
    char *more = file_of(NET_MIXES_MAX + 1);
    assert_int_equal(parse(most, complaint), 0);
    assert_int_equal(net.mix_count, NET_MIXES_MAX);
    assert_string_equal(net.mixes[63].name, "m63");
    assert_int_equal(parse(more, complaint), -EBADMSG);
    assert_string_equal(complaint, "\"mixes\" has more than 64 entries");
    free(most);
    free(more);
}

static void a_file_has_a_length(void **state)
{
    (void)state;
    static char text[NET_FILE_BYTES_MAX + 2];
    char complaint[NET_COMPLAINT_BYTES];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, NET(ALDER, MEET), sizeof NET(ALDER, MEET) - 1);
    assert_int_equal(net_file_parse(&net, text, NET_FILE_BYTES_MAX, complaint), 0);
    assert_int_equal(net_file_parse(&net, text, NET_FILE_BYTES_MAX + 1, complaint), -EBADMSG);
    assert_string_equal(complaint, "it is longer than 64 KiB");
}

static void addresses_are_literal_and_one_machines(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        ":",
        ":5444",
        "203.0.113.5",
        "203.0.113.5:",
        "203.0.113.5:0",
        "203.0.113.5:05444",
        "203.0.113.5:65536",
        "203.0.113.5:544400",
        "203.0.113.5:54x4",
        "203.0.113.5: 5444",
        "203.0.113.05:5444",
        "203.0.113:5444",
        "0.0.0.0:5444",
        "224.0.0.1:5444",
        "255.255.255.255:5444",
        "2001:db8::5:5444",
        "[2001:db8::5]",
        "[2001:db8::5:5444",
        "[203.0.113.5]:5444",
        "[]:5444",
        "[::]:5444",
        "[ff02::1]:5444",
        "[::ffff:0.0.0.0]:5444",
        "[fe80::1%eth0]:5444",
        "mix.example:5444",
        "localhost:5444",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:5444",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mix_endpoint at = {.port = 77};
        assert_int_equal(net_address_parse(&at, wrong[i]), -EBADMSG);
        assert_int_equal(at.port, 77);
    }
}

static void addresses_are_written_as_they_are_read(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"127.0.0.1:1", "127.0.0.1:1"},
        {"[::1]:65535", "[::1]:65535"},
        {"[2001:DB8:0:0::5]:5444", "[2001:db8::5]:5444"},
        {"[::ffff:203.0.113.5]:5444", "203.0.113.5:5444"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct mix_endpoint at;
        char text[NET_ADDRESS_TEXT_BYTES];
        assert_int_equal(net_address_parse(&at, pairs[i][0]), 0);
        net_address_print(text, &at);
        assert_string_equal(text, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(names_are_apart_in_each_list_alone),
        cmocka_unit_test(a_wrong_file_is_complained_of),
        cmocka_unit_test(there_are_so_many_mixes_at_most),
        cmocka_unit_test(a_file_has_a_length),
        cmocka_unit_test(addresses_are_literal_and_one_machines),
        cmocka_unit_test(addresses_are_written_as_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
