// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "controller/base/file.hpp"
#include "controller/base/log.hpp"
#include "controller/engine/seat_key.hpp"
#include "controller/reconcile/hand.hpp"

namespace trueup::reconcile {
namespace {

Error failure(const std::string& path, const std::error_code& why) {
    return Error(Errc::unavailable,
                 fmt::format("cannot write the owner key {}: {}", path, why.message()));
}

}    // namespace

Result<std::string> read_key_file(const std::string& path) {
    auto key = base::read_secret(path);
    if (!key && key.error().code() == Errc::not_found) return std::string();
    if (!key) return key.error().in("the owner key");
    if (engine::is_owner_key(*key)) return key;
    log::warning("the file of the owner key holds none", {{"file", path}});
    return std::string();
}

Result<void> write_key_file(const std::string& path, const std::string& key) {
    const std::string part = path + ".part";
    std::error_code failed;
    std::filesystem::remove(part, failed);
    failed = base::create_file(part, key + "\n", true);
    if (!failed) std::filesystem::rename(part, path, failed);
    if (!failed) return Result<void>();
    const Error error = failure(path, failed);
    std::filesystem::remove(part, failed);
    return error;
}

}    // namespace trueup::reconcile
