// SPDX-License-Identifier: Apache-2.0
// Nonce (12 bytes, random), tag (16 bytes), then the text.
#include "controller/base/cipher.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <new>

namespace trueup::base {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Key = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Key derive(std::string_view key, std::string_view purpose) {
    Key derived{};
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(purpose), purpose.size(),
         derived.data(), nullptr);
    return derived;
}

Context make_context() {
    Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    if (context == nullptr) throw std::bad_alloc();
    return context;
}

}    // namespace

std::string encrypt(std::string_view key, std::string_view purpose, std::string_view text) {
    const Key derived = derive(key, purpose);
    const Context context = make_context();
    std::string encrypted(nonce_size + tag_size + text.size(), '\0');
    unsigned char* const nonce = bytes(encrypted);
    int size = 0;
    const bool done =
        RAND_bytes(nonce, nonce_size) == 1 &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, derived.data(), nonce) == 1 &&
        EVP_EncryptUpdate(context.get(), nonce + nonce_size + tag_size, &size, bytes(text),
                          static_cast<int>(text.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), nonce + nonce_size + tag_size + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, nonce + nonce_size) == 1;
    // Only without memory, or without a source of randomness.
    if (!done) throw std::bad_alloc();
    return encrypted;
}

Result<std::string> decrypt(std::string_view key, std::string_view purpose,
                            std::string_view encrypted) {
    const Error foreign(Errc::invalid, "it was not written with this key");
    if (encrypted.size() < nonce_size + tag_size) return foreign;
    const Key derived = derive(key, purpose);
    const Context context = make_context();
    const std::string_view nonce = encrypted.substr(0, nonce_size);
    std::string tag(encrypted.substr(nonce_size, tag_size));
    const std::string_view body = encrypted.substr(nonce_size + tag_size);
    std::string text(body.size() + 1, '\0');
    int size = 0;
    int rest = 0;
    const bool done =
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, derived.data(),
                           bytes(nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), bytes(text), &size, bytes(body),
                          static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(text) + size, &rest) == 1;
    if (!done) return foreign;
    text.resize(body.size());
    return text;
}

}    // namespace trueup::base
