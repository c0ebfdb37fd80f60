// SPDX-License-Identifier: Apache-2.0
// Hashes, and other bytes, as lower-case hex.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace trueup::base {

std::string to_hex(std::string_view bytes);

enum class HashKind { sha1, sha256 };

// Incremental hash over OpenSSL's EVP.
class Hasher {
public:
    explicit Hasher(HashKind kind);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    // Forgets what was hashed.
    void begin();
    void update(std::string_view bytes);
    // Ends the hash; the hasher is spent until begin().
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha1_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// HMAC (RFC 2104) over SHA-256.
std::string hmac_sha256_hex(std::string_view key, std::string_view message);

// Takes as long for any two texts of one length, so that nobody learns by trying how much of a
// secret he has right.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// The id git gives a file's content: sha1("blob <size>\0" + content), gitformat-pack /
// git-hash-object.
std::string git_blob_id(std::string_view content);

}    // namespace trueup::base
