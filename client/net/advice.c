#include "net/advice.h"

#include <openssl/x509_vfy.h>

static const char *advice_on_certificate(CURL *easy)
{
    long verdict = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "It has expired: its operator must renew it, unless the clock here is wrong.";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "It is not valid yet: is the clock here right?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "No authority known here has signed it; if it is your own, give --cacert.";
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED: /* libcurl compares the names before it notes a verdict */
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "It is for another name than the one in --server.";
    default:
        return "Ask the server's operator.";
    }
}

const char *advice_on(CURL *easy, CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "Is the name spelt right, and is this machine online?";
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "Is the name in --proxy spelt right?";
    case CURLE_COULDNT_CONNECT:
        return "Is the server running, and is its port the right one?";
    case CURLE_PROXY:
        return "Is the proxy running, and does it allow this address?";
    case CURLE_SSL_CONNECT_ERROR:
        return "Is https spoken there, or is it another port?";
    case CURLE_PEER_FAILED_VERIFICATION:
        return advice_on_certificate(easy);
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return "Somebody may be in between; ask the operator for the right --pin.";
    case CURLE_OPERATION_TIMEDOUT:
        return "Something on the way may swallow what is sent; try from another network.";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "Something else than a web server listens there; is the port the right one?";
    default:
        return NULL;
    }
}
