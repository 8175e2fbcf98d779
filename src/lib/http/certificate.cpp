// SPDX-License-Identifier: Apache-2.0
#include "lib/http/certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

#include "lib/http/internal/transport.h"

namespace huoqi::http {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

constexpr long kVersion3 = 2;
constexpr std::size_t kSerialBytes = 16;  // RFC 5280 4.1.2.2 allows 20
constexpr std::size_t kMaxCommonName = 64;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::unexpected<Error> openssl_failed(std::string_view doing) {
    return fail(Code::bad_input, std::string(doing) + ": " + internal::take_ssl_error());
}

std::string text_in(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Bio reading(ByteView bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }
int no_passphrase(char*, int, int, void*) { return 0; }

Key read_key(ByteView pem) {
    const Bio bio = reading(pem);
    return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

X509Pointer read_certificate(std::string_view pem) {
    const Bio bio = reading(bytes_of(pem));
    return X509Pointer(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
}

Result<Certificate> in_pem(X509* certificate, EVP_PKEY* key) {
    const Bio public_part(BIO_new(BIO_s_mem()));
    const Bio private_part(BIO_new(BIO_s_mem()));  // its buffers are cleansed when they grow and when freed
    if (PEM_write_bio_X509(public_part.get(), certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(private_part.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return openssl_failed("writing PEM");
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(private_part.get(), &data);
    const auto* first = reinterpret_cast<const std::uint8_t*>(data);
    return Certificate{text_in(public_part.get()), SecretBytes(Bytes(first, first + size))};
}

bool set_serial(X509* certificate) {
    std::array<std::uint8_t, kSerialBytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
    bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);  // positive and of full length
    const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, Validity validity) {
    std::time_t from = validity.from.nanoseconds / kNanosecondsPerSecond;
    return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &from) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(validity.days), 0, &from) !=
               nullptr;
}

bool set_subject(X509* certificate, std::string_view common_name) {
    return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(common_name.data()),
                                      static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Built from values and not from a configuration text, in which a name could say more than itself.
bool add_name(GENERAL_NAMES* names, int type, const std::string& value) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    if (name == nullptr || sk_GENERAL_NAME_push(names, name) == 0) {
        GENERAL_NAME_free(name);
        return false;
    }
    if (type == GEN_IPADD) {
        ASN1_OCTET_STRING* address = a2i_IPADDRESS(value.c_str());
        if (address != nullptr) GENERAL_NAME_set0_value(name, type, address);
        return address != nullptr;
    }
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    if (text == nullptr) return false;
    GENERAL_NAME_set0_value(name, type, text);
    return ASN1_STRING_set(text, value.data(), static_cast<int>(value.size())) == 1;
}

bool acceptable_dns(const std::string& name) {
    return !name.empty() && name.size() <= 253 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*") ==
               name.npos;
}

Status add_names(X509* certificate, const ServerNames& wanted) {
    if (wanted.dns.empty() && wanted.ip_addresses.empty())
        return fail(Code::bad_input, "certificate: no server name");
    const Names names(GENERAL_NAMES_new());
    for (const std::string& dns : wanted.dns) {
        if (!acceptable_dns(dns) || !add_name(names.get(), GEN_DNS, dns)) {
            return fail(Code::bad_input, "certificate: a DNS name is malformed");
        }
    }
    for (const std::string& ip : wanted.ip_addresses) {
        if (!add_name(names.get(), GEN_IPADD, ip)) {
            return fail(Code::bad_input, "certificate: an IP address is malformed");
        }
    }
    if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
        return openssl_failed("subjectAltName");
    }
    return {};
}

Result<X509Pointer> begin(std::string_view common_name, Validity validity, EVP_PKEY* key) {
    if (common_name.empty() || common_name.size() > kMaxCommonName) {
        return fail(Code::bad_input, "certificate: common name is empty or longer than 64 bytes");
    }
    if (validity.days == 0) return fail(Code::bad_input, "certificate: valid for no day");
    X509Pointer certificate(X509_new());
    if (!certificate || key == nullptr || X509_set_version(certificate.get(), kVersion3) != 1 ||
        !set_serial(certificate.get()) || !set_validity(certificate.get(), validity) ||
        !set_subject(certificate.get(), common_name) || X509_set_pubkey(certificate.get(), key) != 1) {
        return openssl_failed("certificate");
    }
    return certificate;
}

// Names of other kinds than those that add_names() makes are left out.
ServerNames names_of(X509* certificate, std::string_view common_name) {
    ServerNames out{std::string(common_name), {}, {}};
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
        const auto* data = ASN1_STRING_get0_data(value);
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
        if (type == GEN_DNS) out.dns.emplace_back(reinterpret_cast<const char*>(data), size);
        if (type != GEN_IPADD || (size != 4 && size != 16)) continue;
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (::inet_ntop(size == 4 ? AF_INET : AF_INET6, data, text.data(), text.size()) != nullptr)
            out.ip_addresses.emplace_back(text.data());
    }
    return out;
}

Result<Time> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return openssl_failed("certificate validity");
    return Time{static_cast<std::int64_t>(timegm(&parts)) * kNanosecondsPerSecond};
}

}  // namespace

Result<Certificate> make_authority(std::string_view common_name, Validity validity) {
    const Key key(EVP_EC_gen("P-256"));
    auto certificate = begin(common_name, validity, key.get());
    if (!certificate) return pass(certificate);
    X509* raw = certificate->get();
    if (X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1 ||
        !add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(raw, raw, NID_subject_key_identifier, "hash") ||
        X509_sign(raw, key.get(), EVP_sha256()) == 0) {
        return openssl_failed("authority");
    }
    return in_pem(raw, key.get());
}

Result<Certificate> make_server_certificate(const Certificate& authority, const ServerNames& names,
                                            Validity validity) {
    const X509Pointer issuer = read_certificate(authority.certificate_pem);
    const Key issuer_key = read_key(authority.private_key_pem.view());
    if (!issuer || !issuer_key || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
        return openssl_failed("authority");
    }
    const Key key(EVP_EC_gen("P-256"));
    auto certificate = begin(names.common_name, validity, key.get());
    if (!certificate) return pass(certificate);
    X509* raw = certificate->get();
    if (X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) != 1 ||
        !add_extension(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") ||
        !add_extension(raw, issuer.get(), NID_ext_key_usage, "serverAuth") ||
        !add_extension(raw, issuer.get(), NID_subject_key_identifier, "hash") ||
        !add_extension(raw, issuer.get(), NID_authority_key_identifier, "keyid:always")) {
        return openssl_failed("server certificate");
    }
    if (Status added = add_names(raw, names); !added) return pass(added);
    if (X509_sign(raw, issuer_key.get(), EVP_sha256()) == 0) return openssl_failed("signing");
    return in_pem(raw, key.get());
}

Result<CertificateFacts> inspect_certificate(std::string_view certificate_pem) {
    const X509Pointer certificate = read_certificate(certificate_pem);
    if (!certificate) return openssl_failed("certificate");
    CertificateFacts facts;
    std::array<char, kMaxCommonName * 4> subject{};
    const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                               subject.data(), static_cast<int>(subject.size()));
    if (size > 0) facts.subject.assign(subject.data(), static_cast<std::size_t>(size));
    Result<Time> from = time_of(X509_get0_notBefore(certificate.get()));
    Result<Time> until = time_of(X509_get0_notAfter(certificate.get()));
    if (!from) return pass(from);
    if (!until) return pass(until);
    facts.from = *from;
    facts.until = *until;
    std::array<std::uint8_t, 32> digest{};
    if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) != 1)
        return openssl_failed("digest");
    facts.sha256 = hex(digest);
    facts.names = names_of(certificate.get(), facts.subject);
    return facts;
}

}  // namespace huoqi::http
