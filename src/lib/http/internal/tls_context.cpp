// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstring>

#include "lib/http/internal/transport.h"

namespace huoqi::http::internal {
namespace {

constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kTls13Suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr unsigned char kSessionContext[] = "huoqi";

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, BioFree>;
using X509Pointer = std::unique_ptr<X509, X509Free>;

Bio reading(ByteView bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

// Called for an encrypted key: without this OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

X509Pointer next_certificate(BIO* bio) {
    return X509Pointer(PEM_read_bio_X509(bio, nullptr, no_passphrase, nullptr));
}

// Only http/1.1 is spoken; a client that offers others and not that one is told so (RFC 7301 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    constexpr std::string_view kHttp = "http/1.1";
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
        if (offered[at] != kHttp.size() || at + 1U + kHttp.size() > offered_size) continue;
        if (std::memcmp(offered + at + 1, kHttp.data(), kHttp.size()) != 0) continue;
        *out = offered + at + 1;
        *out_size = static_cast<unsigned char>(kHttp.size());
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<SslContext> bare_context(const SSL_METHOD* method) {
    SslContext context(SSL_CTX_new(method));
    if (!context || SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers) != 1 ||
        SSL_CTX_set_ciphersuites(context.get(), kTls13Suites) != 1) {
        return fail(Code::unsupported, "TLS: " + take_ssl_error());
    }
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context.get(), 1);  // one recv() a record instead of two
    // What was read is overwritten inside OpenSSL as soon as it is handed over.
    SSL_CTX_set_options(context.get(),
                        SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    return context;
}

Status use_certificates(SSL_CTX* context, std::string_view pem) {
    const Bio bio = reading(bytes_of(pem));
    const X509Pointer own = next_certificate(bio.get());
    if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
        return fail(Code::bad_input, "TLS certificate: " + take_ssl_error());
    }
    while (const X509Pointer above = next_certificate(bio.get())) {
        if (SSL_CTX_add1_chain_cert(context, above.get()) != 1) {
            return fail(Code::bad_input, "TLS certificate chain: " + take_ssl_error());
        }
    }
    ERR_clear_error();  // the end of the text counts as one
    return {};
}

}  // namespace

std::string take_ssl_error() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "no reason given" : reason;
}

Result<SslContext> server_context(std::string_view certificate_pem, ByteView private_key_pem) {
    Result<SslContext> context = bare_context(TLS_server_method());
    if (!context) return context;
    SSL_CTX* raw = context->get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets do it, without memory here
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_session_id_context(raw, kSessionContext, sizeof kSessionContext - 1);
    SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
    if (Status used = use_certificates(raw, certificate_pem); !used) return pass(used);
    const Bio bio = reading(private_key_pem);
    const std::unique_ptr<EVP_PKEY, KeyFree> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(raw, key.get()) != 1 || SSL_CTX_check_private_key(raw) != 1) {
        return fail(Code::bad_input, "TLS private key: " + take_ssl_error());
    }
    return context;
}

Result<SslContext> client_context(std::string_view authority_pem, int max_version) {
    Result<SslContext> context = bare_context(TLS_client_method());
    if (!context) return context;
    SSL_CTX* raw = context->get();
    if (max_version == 0) {
        SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    } else {
        SSL_CTX_set_min_proto_version(raw, 0);
        SSL_CTX_set_max_proto_version(raw, max_version);
        if (max_version < TLS1_2_VERSION) {  // OpenSSL's default security level would not even send these
            SSL_CTX_set_security_level(raw, 0);
            SSL_CTX_set_cipher_list(raw, "ALL");
        }
    }
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    const Bio bio = reading(bytes_of(authority_pem));
    std::size_t authorities = 0;
    while (const X509Pointer authority = next_certificate(bio.get())) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(raw), authority.get()) == 1) ++authorities;
    }
    ERR_clear_error();
    if (authorities == 0) return fail(Code::bad_input, "authority: no certificate in the text");
    return context;
}

}  // namespace huoqi::http::internal
