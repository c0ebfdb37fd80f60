// SPDX-License-Identifier: Apache-2.0
// Written under another name and renamed, so a file is there whole or not at all.
#include "controller/rollout/kept_hooks.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <system_error>

#include "controller/base/cipher.hpp"
#include "controller/base/file.hpp"

namespace trueup::rollout {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// The hash comes out of a label.
bool is_hash(const std::string& text) {
    constexpr std::size_t digits = 64;
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// No file can be put in the place of another.
std::string purpose(const std::string& config_hash) { return "pre_stop hooks of " + config_hash; }

std::string to_text(const std::vector<model::Hook>& hooks) {
    json::array array;
    for (const model::Hook& hook : hooks) {
        json::object object;
        object["command"] = json::array(hook.command.begin(), hook.command.end());
        object["user"] = hook.user;
        object["privileged"] = hook.privileged;
        object["workingDirectory"] = hook.working_dir;
        json::object environment;
        for (const auto& [name, value] : hook.environment)
            environment[name] = value ? json::value(*value) : json::value();
        object["environment"] = std::move(environment);
        array.push_back(std::move(object));
    }
    return json::serialize(array);
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

model::Hook hook_of(const json::object& object) {
    model::Hook hook;
    hook.user = text_at(object, "user");
    hook.working_dir = text_at(object, "workingDirectory");
    const json::value* privileged = object.if_contains("privileged");
    hook.privileged = privileged != nullptr && privileged->is_bool() && privileged->as_bool();
    const json::value* command = object.if_contains("command");
    if (command != nullptr && command->is_array()) {
        for (const json::value& word : command->as_array())
            if (word.is_string()) hook.command.emplace_back(word.as_string());
    }
    const json::value* environment = object.if_contains("environment");
    if (environment == nullptr || !environment->is_object()) return hook;
    for (const auto& member : environment->as_object()) {
        auto& value = hook.environment[std::string(member.key())];
        if (member.value().is_string()) value = std::string(member.value().as_string());
    }
    return hook;
}

Error system_error(const std::string& what, int number) {
    return {Errc::denied,
            fmt::format("cannot {}: {}", what, std::generic_category().message(number))};
}

}    // namespace

Result<void> keep_hooks(const HooksPlace& place, const std::string& config_hash,
                        const std::vector<model::Hook>& hooks) {
    const std::string path = place.directory + "/" + config_hash;
    std::error_code code;
    if (fs::exists(path, code)) return Result<void>();
    fs::create_directories(place.directory, code);
    if (code) return system_error("create " + place.directory, code.value());
    static std::atomic<unsigned> count = 0;    // replicas are prepared side by side
    const std::string part = fmt::format("{}.{}.{}", path, ::getpid(), ++count);
    fs::remove(part, code);
    code = base::create_file(part, base::encrypt(place.key, purpose(config_hash), to_text(hooks)));
    if (code) return system_error("write " + part, code.value());
    fs::rename(part, path, code);
    if (code) return system_error("rename to " + path, code.value());
    return Result<void>();
}

Result<std::vector<model::Hook>> kept_hooks(const HooksPlace& place,
                                            const std::string& config_hash) {
    const Error none(Errc::not_found, "no hooks are kept of this configuration");
    const std::string path = place.directory + "/" + config_hash;
    std::error_code code;
    if (!is_hash(config_hash) || !fs::exists(path, code)) return none;
    const auto encrypted = base::read_file(path);
    if (!encrypted) return encrypted.error();
    const auto text = base::decrypt(place.key, purpose(config_hash), *encrypted);
    if (!text) return text.error().in(path);
    const json::value value = json::parse(*text, code);
    if (code || !value.is_array()) return Error(Errc::invalid, path + " holds no hooks");
    std::vector<model::Hook> hooks;
    for (const json::value& each : value.as_array())
        if (each.is_object()) hooks.push_back(hook_of(each.as_object()));
    return hooks;
}

void drop_hooks(const HooksPlace& place, const std::set<std::string>& config_hashes_in_use) {
    std::error_code code;
    std::vector<fs::path> unused;
    for (fs::directory_iterator at(place.directory, code), end; !code && at != end;
         at.increment(code)) {
        if (!config_hashes_in_use.contains(at->path().filename())) unused.push_back(at->path());
    }
    for (const fs::path& each : unused) fs::remove(each, code);
    fs::remove(place.directory, code);    // an empty one only
}

}    // namespace trueup::rollout
