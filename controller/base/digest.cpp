// SPDX-License-Identifier: Apache-2.0
#include "controller/base/digest.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>

namespace trueup::base {

struct Hasher::State {
    explicit State(HashKind kind) : context(EVP_MD_CTX_new()) {
        const EVP_MD* algorithm = kind == HashKind::sha1 ? EVP_sha1() : EVP_sha256();
        if (context == nullptr || EVP_DigestInit_ex(context, algorithm, nullptr) != 1)
            throw std::bad_alloc();
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    EVP_MD_CTX* context;
};

Hasher::Hasher(HashKind kind) : state_(std::make_unique<State>(kind)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view bytes) {
    EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Hasher::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(state_->context, digest.data(), &size);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(size * std::size_t{2});
    for (unsigned int index = 0; index < size; ++index) {
        text += digits[digest[index] >> 4U];
        text += digits[digest[index] & 0xFU];
    }
    return text;
}

std::string sha1_hex(std::string_view bytes) {
    Hasher hasher(HashKind::sha1);
    hasher.update(bytes);
    return hasher.hex();
}

std::string sha256_hex(std::string_view bytes) {
    Hasher hasher(HashKind::sha256);
    hasher.update(bytes);
    return hasher.hex();
}

std::string git_blob_id(std::string_view content) {
    Hasher hasher(HashKind::sha1);
    hasher.update(fmt::format("blob {}", content.size()));
    hasher.update(std::string_view("\0", 1));
    hasher.update(content);
    return hasher.hex();
}

}    // namespace trueup::base
