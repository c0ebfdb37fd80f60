// SPDX-License-Identifier: Apache-2.0
#include "controller/render/profiles.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "controller/base/text.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

// "seccomp=FILE" or "seccomp:FILE": FILE; nothing where the option names no file.
std::optional<std::string> profile_of(const std::string& option) {
    constexpr std::string_view name = "seccomp";
    if (!option.starts_with(name) || option.size() <= name.size()) return std::nullopt;
    const char separator = option[name.size()];
    if (separator != '=' && separator != ':') return std::nullopt;
    std::string value = option.substr(name.size() + 1);
    const bool is_word = value == "unconfined" || value == "builtin";
    if (is_word || base::trim(value).starts_with('{')) return std::nullopt;
    return value;
}

Result<std::string> read_profile(const std::string& file, const model::Tree& tree,
                                 const std::string& project_directory) {
    const auto path =
        file.starts_with('/')
            ? std::nullopt
            : base::normal_path(project_directory.empty() ? file : project_directory + "/" + file);
    if (!path) return Error(Errc::invalid, "it is outside of the commit");
    const auto content = tree.read(*path, profile_bytes);
    if (!content) return content.error();
    boost::system::error_code code;
    const json::value profile = json::parse(*content, code);
    if (code || !profile.is_object()) return Error(Errc::invalid, "it holds no JSON object");
    return json::serialize(profile);
}

Problem problem_of(const model::Service& service, std::size_t index, const std::string& file,
                   const Error& error) {
    Problem problem;
    problem.position = index < service.security_positions.size() ? service.security_positions[index]
                                                                 : service.position;
    problem.message =
        fmt::format("services.{}.security_opt[{}]: the seccomp profile '{}' cannot be used: {}",
                    service.name, index, file, error.message());
    problem.advice = "commit the profile, and name it relative to the project directory";
    return problem;
}

}    // namespace

Result<void> inline_profiles(model::Project& project, const model::Tree& tree,
                             const std::string& project_directory) {
    Problems problems;
    for (auto& [name, service] : project.services) {
        for (std::size_t index = 0; index < service.security_opt.size(); ++index) {
            std::string& option = service.security_opt[index];
            const auto file = profile_of(option);
            if (!file) continue;
            auto profile = read_profile(*file, tree, project_directory);
            if (profile)
                option = "seccomp=" + *profile;
            else
                problems.push_back(problem_of(service, index, *file, profile.error()));
        }
    }
    if (!problems.empty()) return Error(std::move(problems));
    return {};
}

}    // namespace trueup::render
