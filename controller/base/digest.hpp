// SPDX-License-Identifier: Apache-2.0
// Hashes, as lower-case hex.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace trueup::base {

enum class HashKind { sha1, sha256 };

// Incremental hash over OpenSSL's EVP.
class Hasher {
public:
    explicit Hasher(HashKind kind);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    void update(std::string_view bytes);
    // Ends the hash; the hasher is spent.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha1_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// The id git gives a file's content: sha1("blob <size>\0" + content), gitformat-pack /
// git-hash-object.
std::string git_blob_id(std::string_view content);

}    // namespace trueup::base
