// SPDX-License-Identifier: Apache-2.0
#include "controller/base/digest.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>

namespace trueup::base {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t size) {
    return base::to_hex(std::string_view(reinterpret_cast<const char*>(bytes), size));
}

}    // namespace

std::string to_hex(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4U];
        text += digits[value & 0xFU];
    }
    return text;
}

namespace {

// Fetched once: EVP_sha1() looks for its implementation at each use.
const EVP_MD* algorithm_of(HashKind kind) {
    static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return kind == HashKind::sha1 ? sha1 : sha256;
}

}    // namespace

struct Hasher::State {
    explicit State(HashKind kind) : algorithm(algorithm_of(kind)), context(EVP_MD_CTX_new()) {
        if (algorithm == nullptr || context == nullptr) throw std::bad_alloc();
        begin();
    }
    void begin() const {
        if (EVP_DigestInit_ex(context, algorithm, nullptr) != 1) throw std::bad_alloc();
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    const EVP_MD* algorithm;
    EVP_MD_CTX* context;
};

Hasher::Hasher(HashKind kind) : state_(std::make_unique<State>(kind)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::begin() { state_->begin(); }

void Hasher::update(std::string_view bytes) {
    EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Hasher::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(state_->context, digest.data(), &size);
    return to_hex(digest.data(), size);
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

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), hash.data(),
         &size);
    return to_hex(hash.data(), size);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string git_blob_id(std::string_view content) {
    Hasher hasher(HashKind::sha1);
    hasher.update(fmt::format("blob {}", content.size()));
    hasher.update(std::string_view("\0", 1));
    hasher.update(content);
    return hasher.hex();
}

}    // namespace trueup::base
