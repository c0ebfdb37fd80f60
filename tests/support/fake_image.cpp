// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_image.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>
#include <sstream>
#include <vector>

#include "controller/base/digest.hpp"

namespace trueup::test {

std::string fake_image_id(const FakeImage& image) {
    std::string text;
    for (const auto& [path, content] : image.files)
        text += fmt::format("{} {}\n", path, base::git_blob_id(content));
    for (const auto& [key, value] : image.labels) text += fmt::format("{}={}\n", key, value);
    for (const std::string& trigger : image.on_build) text += fmt::format("ONBUILD {}\n", trigger);
    return "sha256:" + base::sha256_hex(text);
}

Result<FakeFiles> read_fake_tar(const std::string& tar) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                        archive_read_free);
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK)
        return Error(Errc::invalid, "the context is no tar");
    FakeFiles files;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        if (archive_entry_filetype(entry) != AE_IFREG) continue;
        std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
        if (archive_read_data(reader.get(), content.data(), content.size()) < 0)
            return Error(Errc::invalid, "the context is cut off");
        std::string path = archive_entry_pathname(entry);
        if (path.starts_with("./")) path.erase(0, 2);
        files[path] = std::move(content);
    }
    return files;
}

Result<std::string> write_fake_tar(const FakeFiles& files, const std::string& path) {
    const std::string parent = path.substr(0, path.rfind('/') + 1);
    std::vector<char> buffer(1U << 20U);
    for (const auto& [name, content] : files) buffer.resize(buffer.size() + content.size() + 4096);
    const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                         archive_write_free);
    archive_write_set_format_gnutar(writer.get());
    std::size_t used = 0;
    archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used);
    bool any = false;
    for (const auto& [name, content] : files) {
        if (name != path && !name.starts_with(path + "/")) continue;
        any = true;
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
            archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), name.substr(parent.size()).c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
        archive_write_header(writer.get(), entry.get());
        archive_write_data(writer.get(), content.data(), content.size());
    }
    if (!any) return Error(Errc::not_found, "Could not find the file " + path + " in container");
    archive_write_close(writer.get());
    return std::string(buffer.data(), used);
}

namespace {

std::string absolute(const std::string& directory, std::string path) {
    while (path.starts_with("./")) path.erase(0, 2);
    while (path.ends_with('/')) path.pop_back();
    if (path == ".") path.clear();
    if (path.starts_with('/')) return path;
    if (path.empty()) return directory;
    return directory == "/" ? "/" + path : directory + "/" + path;
}

void copy(const FakeFiles& context, std::string from, const std::string& to, FakeFiles& files) {
    while (from.ends_with('/') || from.ends_with('.')) from.pop_back();
    for (const auto& [path, content] : context) {
        if (path == from) {
            files[to] = content;
        } else if (from.empty() || path.starts_with(from + "/")) {
            files[to + "/" + path.substr(from.empty() ? 0 : from.size() + 1)] = content;
        }
    }
}

// A list of words that are paths, as they are or as hex.
void remove_named(const std::string& words, FakeFiles& files) {
    boost::system::error_code failed;
    const boost::json::value list = boost::json::parse(words, failed);
    if (failed || !list.is_array()) return;
    for (const boost::json::value& word : list.get_array()) {
        const std::string text(word.get_string());
        std::erase_if(files, [&](const auto& file) {
            std::string hex;
            for (const char byte : file.first)
                hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
            return text == file.first || text == hex;
        });
    }
}

}    // namespace

Result<FakeImage> build_fake_image(
    const FakeFiles& context, const engine::BuildRequest& request,
    const std::function<Result<FakeImage>(const std::string& reference)>& base_image) {
    const auto dockerfile = context.find(request.dockerfile);
    if (dockerfile == context.end())
        return Error(Errc::invalid, "failed to read dockerfile: " + request.dockerfile);
    FakeImage built;
    std::string directory = "/";
    std::istringstream lines(dockerfile->second);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string instruction;
        std::string first;
        std::string second;
        words >> instruction >> first >> second;
        if (instruction == "FROM") {
            auto base = base_image(first);
            if (!base) return base.error();
            built = std::move(*base);
        } else if (instruction == "WORKDIR") {
            directory = absolute(directory, first);
        } else if (instruction == "COPY") {
            copy(context, first, absolute(directory, second), built.files);
        } else if (instruction == "RUN" && first == "false") {
            return Error(Errc::invalid, "RUN false: exit code: 1");
        } else if (instruction == "RUN" && first.starts_with('[')) {
            remove_named(line.substr(4), built.files);
        }
    }
    built.id.clear();
    built.on_build.clear();
    built.references = {request.reference};
    for (const auto& [name, value] : request.labels) built.labels.insert_or_assign(name, value);
    return built;
}

}    // namespace trueup::test
