// SPDX-License-Identifier: Apache-2.0
#include "controller/source/disk_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace trueup::source {
namespace {

namespace fs = std::filesystem;

Error error_of(const std::string& path, const std::error_code& code) {
    if (code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory)
        return {Errc::not_found, fmt::format("there is no {}", path)};
    return {code == std::errc::permission_denied ? Errc::denied : Errc::invalid,
            fmt::format("{}: {}", path, code.message())};
}

}    // namespace

DiskTree::DiskTree(std::string root) : root_(std::move(root)) {
    if (!root_.ends_with('/')) root_ += '/';
}

std::string DiskTree::full(std::string_view path) const { return root_ + std::string(path); }

Result<model::TreeEntry> DiskTree::stat(std::string_view path) const {
    std::error_code code;
    const std::string name = full(path);
    const fs::file_status status = fs::status(name, code);
    if (code || !fs::exists(status))
        return error_of(name,
                        code ? code : std::make_error_code(std::errc::no_such_file_or_directory));
    model::TreeEntry entry;
    entry.name = std::string(path.substr(path.rfind('/') + 1));
    const bool executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
    entry.kind = fs::is_directory(status) ? model::EntryKind::directory
                 : executable             ? model::EntryKind::executable
                                          : model::EntryKind::file;
    return entry;
}

Result<std::vector<model::TreeEntry>> DiskTree::list(std::string_view path) const {
    std::error_code code;
    const std::string folder = full(path);
    std::vector<model::TreeEntry> entries;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        auto found = stat(path.empty() ? name : fmt::format("{}/{}", path, name));
        if (found) entries.push_back(std::move(*found));    // a link to nothing is no entry
    }
    if (code) return error_of(folder, code);
    std::sort(entries.begin(), entries.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    return entries;
}

Result<std::string> DiskTree::read(std::string_view path, std::size_t limit) const {
    const std::string name = full(path);
    std::ifstream stream(name, std::ios::binary);
    if (!stream) return error_of(name, std::error_code(errno, std::generic_category()));
    std::string content(limit + 1, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(stream.gcount()));
    if (stream.bad()) return Error(Errc::invalid, fmt::format("{} cannot be read", name));
    if (content.size() > limit)
        return Error(Errc::invalid, fmt::format("{} is longer than {} bytes", name, limit));
    return content;
}

}    // namespace trueup::source
