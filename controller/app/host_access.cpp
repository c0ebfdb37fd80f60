// SPDX-License-Identifier: Apache-2.0
#include "controller/app/host_access.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string_view>

#include "controller/source/host_files.hpp"

namespace trueup::app {
namespace {

namespace fs = std::filesystem;

bool is_in(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
}

// "" where it cannot be told.
std::string without_links(const std::string& path) {
    std::error_code code;
    const fs::path real = fs::weakly_canonical(path, code);
    return code ? std::string() : real.string();
}

std::string folder_of(const std::string& path, bool is_folder) {
    return is_folder ? path : fs::path(path).parent_path().string();
}

// The whole host cannot be allowed.
void add_folder(std::string folder, std::set<std::string>& folders) {
    if (!folder.empty() && folder != "/") folders.insert(std::move(folder));
}

std::vector<std::string> outermost(const std::set<std::string>& folders) {
    std::vector<std::string> kept;
    for (const std::string& folder : folders) {
        const bool below = std::any_of(kept.begin(), kept.end(), [&](const std::string& outer) {
            return is_in(folder, outer);
        });
        if (!below) kept.push_back(folder);
    }
    return kept;
}

// JSON's strings are YAML's.
std::string as_yaml(const std::string& path) {
    constexpr std::string_view plain = "/-_.";
    const bool simple = std::all_of(path.begin(), path.end(), [&](char each) {
        return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
               plain.find(each) != std::string_view::npos;
    });
    return simple ? path : boost::json::serialize(boost::json::string(path));
}

}    // namespace

HostAccess lacking_access(const std::vector<HostNeed>& needs,
                          const std::vector<std::string>& roots) {
    const source::HostFiles allowed(roots);
    HostAccess lacking;
    std::set<std::string> folders;
    for (const HostNeed& need : needs) {
        if (allowed.check(need.path, true)) continue;
        lacking.needs.push_back(need);
        const std::string folder = folder_of(need.path, need.is_folder);
        add_folder(folder, folders);
        // A link leads out of the folder that it lies in: where it leads is to be allowed too.
        const std::string real = without_links(need.path);
        if (!real.empty() && !is_in(real, without_links(folder)))
            add_folder(folder_of(real, need.is_folder), folders);
    }
    lacking.roots = outermost(folders);
    return lacking;
}

std::string to_text(const HostAccess& lacking, const std::vector<std::string>& roots,
                    const std::string& configuration_file, bool file_is_there) {
    if (lacking.needs.empty()) return {};
    std::string text =
        "it needs of this host what the controller's configuration does not allow:\n";
    for (const HostNeed& need : lacking.needs)
        text += fmt::format("  {} ({})\n", need.path, need.use);
    std::set<std::string> all(lacking.roots.begin(), lacking.roots.end());
    all.insert(roots.begin(), roots.end());
    if (!file_is_there)
        text += fmt::format("Write {} with these lines, ", configuration_file);
    else if (roots.empty())
        text += fmt::format("Add these lines to {}, ", configuration_file);
    else
        text += fmt::format("Put this in place of hostRoots in {}, ", configuration_file);
    text += "and ask again (a controller that runs reads them when it starts anew):\n\n";
    if (!file_is_there) text += "apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n";
    text += "hostRoots:\n";
    for (const std::string& root : outermost(all)) text += fmt::format("  - {}\n", as_yaml(root));
    return text;
}

}    // namespace trueup::app
