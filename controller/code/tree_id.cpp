// SPDX-License-Identifier: Apache-2.0
// A tree is its entries "MODE NAME\0ID", sorted as if a slash were behind the names of folders: the order
// that whole paths have.
#include "controller/code/tree_id.hpp"

#include <fmt/format.h>

#include <string_view>

#include "controller/base/digest.hpp"

namespace trueup::code {
namespace {

using File = std::map<std::string, ExpectedFile>::const_iterator;

std::string bytes_of(std::string_view hex) {
    const auto digit = [](char letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; };
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes.push_back(static_cast<char>(digit(hex[at]) * 16 + digit(hex[at + 1])));
    return bytes;
}

std::string_view mode_of(const ExpectedFile& file) {
    if (file.symlink) return "120000";
    return file.executable ? "100755" : "100644";
}

// Of the files from `first` on that are below the folder, whose path is the first `length` characters of
// theirs; leaves `first` behind them.
std::string tree_id(File& first, const File& end, std::size_t length) {
    const std::string folder = first->first.substr(0, length);
    std::string entries;
    const auto add = [&entries](std::string_view mode, std::string_view name, std::string_view id) {
        entries.append(mode).append(" ").append(name).push_back('\0');
        entries.append(bytes_of(id));
    };
    while (first != end && first->first.starts_with(folder)) {
        const std::string& path = first->first;
        const std::size_t slash = path.find('/', length);
        const std::string name = path.substr(length, slash == path.npos ? slash : slash - length);
        if (slash != path.npos) {
            add("40000", name, tree_id(first, end, slash + 1));
        } else {
            add(mode_of(first->second), name, first->second.object_id);
            ++first;
        }
    }
    return base::sha1_hex(fmt::format("tree {}", entries.size()) + '\0' + entries);
}

}    // namespace

std::map<std::string, std::string> ids_of_directories(const ExpectedCode& code,
                                                      const std::vector<std::string>& without) {
    auto files = code.files;
    for (const std::string& path : without) files.erase(path);
    std::map<std::string, std::string> ids;
    for (const std::string& directory : code.directories) {
        const auto file = files.find(directory);
        if (file != files.end()) {
            ids.emplace(directory, file->second.object_id);
            continue;
        }
        const std::string below = directory == "/" ? directory : directory + "/";
        File first = files.lower_bound(below);
        if (first == files.end() || !first->first.starts_with(below)) continue;
        ids.emplace(directory, tree_id(first, files.end(), below.size()));
    }
    return ids;
}

}    // namespace trueup::code
