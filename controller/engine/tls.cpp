// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <cstring>

namespace trueup::engine {
namespace {

namespace ssl = boost::asio::ssl;

bool is_address(const std::string& name) {
    boost::system::error_code code;
    boost::asio::ip::make_address(name, code);
    return !code;
}

Result<void> check_readable(const std::string& path, std::string_view what) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return Result<void>();
    const Errc category = errno == EACCES ? Errc::denied : Errc::unavailable;
    return Error(category,
                 fmt::format("{} {} cannot be read: {}", what, path, std::strerror(errno)));
}

Error unusable(std::string_view what, const std::string& path,
               const boost::system::error_code& code) {
    return Error(Errc::invalid,
                 fmt::format("{} {} is not one in PEM form: {}", what, path, code.message()));
}

Result<void> show_certificate(ssl::context& context, const TlsOptions& options) {
    if (options.certificate_file.empty()) return Result<void>();
    boost::system::error_code code;
    context.use_certificate_chain_file(options.certificate_file, code);
    if (code) return unusable("the certificate", options.certificate_file, code);
    context.use_private_key_file(options.key_file, ssl::context::pem, code);
    if (code &&
        ERR_GET_REASON(static_cast<unsigned long>(code.value())) == X509_R_KEY_VALUES_MISMATCH) {
        return Error(Errc::invalid, fmt::format("the key {} is not that of the certificate {}",
                                                options.key_file, options.certificate_file));
    }
    if (code) return unusable("the key", options.key_file, code);
    return Result<void>();
}

std::string names_of(X509* certificate) {
    std::string names;
    auto* found = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    constexpr int most = 8;
    for (int index = 0; index < sk_GENERAL_NAME_num(found) && index < most; ++index) {
        BIO* text = BIO_new(BIO_s_mem());
        GENERAL_NAME_print(text, sk_GENERAL_NAME_value(found, index));
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(text, &bytes);
        if (size > 0) {
            if (!names.empty()) names += ", ";
            names.append(bytes, static_cast<std::size_t>(size));
        }
        BIO_free(text);
    }
    GENERAL_NAMES_free(found);
    return names.empty() ? "no names at all" : names;
}

std::string time_text(const ASN1_TIME* time) {
    BIO* text = BIO_new(BIO_s_mem());
    ASN1_TIME_print(text, time);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text, &bytes);
    std::string written(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
    BIO_free(text);
    return written;
}

// The certificate that was not accepted is gone after the handshake: what is told of it is kept with
// the connection.
void free_detail(void*, void* detail, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<std::string*>(detail);
}

int detail_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_detail);
    return index;
}

std::string detail_of(long verdict, X509* certificate) {
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return " on " + time_text(X509_get0_notAfter(certificate));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return ", but from " + time_text(X509_get0_notBefore(certificate));
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return ", but for " + names_of(certificate);
        default: return {};
    }
}

int keep_detail(int accepted, X509_STORE_CTX* store) {
    X509* certificate = X509_STORE_CTX_get_current_cert(store);
    if (accepted == 1 || certificate == nullptr) return accepted;
    auto* tls =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto detail =
        std::make_unique<std::string>(detail_of(X509_STORE_CTX_get_error(store), certificate));
    delete static_cast<std::string*>(SSL_get_ex_data(tls, detail_index()));
    SSL_set_ex_data(tls, detail_index(), detail.release());
    return accepted;
}

std::string kept_detail(SSL* connection) {
    const auto* detail = static_cast<std::string*>(SSL_get_ex_data(connection, detail_index()));
    return detail == nullptr ? std::string() : *detail;
}

std::string verdict_text(SSL* connection, long verdict, const std::string& name) {
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format(
                "the certificate of {} has expired{}: renew it, or set the clock right", name,
                kept_detail(connection));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("the certificate of {} is not valid yet{}: is the clock right?",
                               name, kept_detail(connection));
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fmt::format(
                "the certificate is not for {}{}: write the engine's url with a name of its "
                "certificate, or make one for {}",
                name, kept_detail(connection), name);
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format(
                "the certificate of {} is signed by nobody who is trusted here: name its authority "
                "with tls.caFile",
                name);
        default:
            return fmt::format("the certificate of {} is not accepted: {}", name,
                               X509_verify_cert_error_string(verdict));
    }
}

}    // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options) {
    for (const auto& [path, what] : {std::pair(options.authority_file, "the certificate authority"),
                                     std::pair(options.certificate_file, "the certificate"),
                                     std::pair(options.key_file, "the key")}) {
        const auto readable = check_readable(path, what);
        if (!readable) return readable.error();
    }
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    boost::system::error_code code;
    context->set_verify_mode(ssl::verify_peer, code);
    if (options.authority_file.empty()) {
        context->set_default_verify_paths(code);
        if (code) return Error(Errc::unavailable, "the machine's authorities cannot be read");
    } else {
        context->load_verify_file(options.authority_file, code);
        if (code) return unusable("the certificate authority", options.authority_file, code);
    }
    const auto shown = show_certificate(*context, options);
    if (!shown) return shown.error();
    return context;
}

void expect_server(void* connection, const std::string& name) {
    SSL* tls = static_cast<SSL*>(connection);
    SSL_set_verify(tls, SSL_VERIFY_PEER, keep_detail);
    if (is_address(name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name.c_str());
        return;
    }
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(tls, name.c_str());
    SSL_set_tlsext_host_name(tls, name.c_str());
}

Error tls_error(void* connection, const boost::system::error_code& code, const std::string& name) {
    SSL* tls = static_cast<SSL*>(connection);
    const long verdict = SSL_get_verify_result(tls);
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(code.value()));
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
        return Error(Errc::denied, verdict_text(tls, verdict, name));
    // Servers differ in the alert for a client that shows none.
    const bool shows_none = SSL_get_certificate(tls) == nullptr;
    const bool wants_one = reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED ||
                           reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
                           reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE;
    if (shows_none && wants_one) {
        return Error(Errc::denied, fmt::format("{} wants to be shown a certificate: name one with "
                                               "tls.certificateFile and tls.keyFile",
                                               name));
    }
    switch (reason) {
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
            return Error(Errc::denied,
                         fmt::format("{} refuses our certificate ({}): is the one of "
                                     "tls.certificateFile signed by the authority that the engine "
                                     "trusts?",
                                     name, code.message()));
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_UNKNOWN_PROTOCOL:
            return Error(Errc::unavailable,
                         fmt::format("{} does not speak TLS at this port: leave tls out, or name "
                                     "the port that does (usually 2376)",
                                     name));
        default:
            return Error(Errc::unavailable, fmt::format("TLS with {}: {}", name, code.message()));
    }
}

}    // namespace trueup::engine
