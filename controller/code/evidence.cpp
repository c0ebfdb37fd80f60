// SPDX-License-Identifier: Apache-2.0
// Names in a container are anybody's: a path is taken as it is only where each of its parts is a plain
// name, and the file is numbered else. Written under a name that begins with a dot, then renamed.
#include "controller/code/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/base/file.hpp"
#include "controller/base/text.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/container_file.hpp"
#include "controller/code/scan.hpp"

namespace trueup::code {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t name_limit = 255;    // NAME_MAX

// --- reading ---

void no_content(EvidenceFile& file, const ContainerFile& found) {
    file.remark = found.exists ? "longer than 1 MiB, or no regular file" : "not there any more";
}

Task<void> read_one(engine::Engine& engine, const std::string& container_id, std::size_t& left,
                    EvidenceFile& file) {
    const std::size_t limit = std::min(left, evidence_file_limit);
    if (limit == 0) {
        file.remark = "8 MiB were kept already";
        co_return Result<void>();
    }
    auto found = co_await read_container_file(engine, container_id, file.place, limit);
    if (!found) {
        file.remark = found.error().message();
        // Without the engine there is nothing to read at all.
        if (found.error().code() == Errc::unavailable || found.error().code() == Errc::cancelled)
            co_return found.error();
        co_return Result<void>();
    }
    if (found->exists) file.changed = SystemTime(std::chrono::seconds(found->mtime));
    if (!found->content) {
        no_content(file, *found);
        co_return Result<void>();
    }
    left -= found->content->size();
    file.content = std::move(found->content);
    co_return Result<void>();
}

std::vector<EvidenceFile> list_differing(const model::CodeState& code,
                                         const ExpectedCode& expected) {
    std::vector<EvidenceFile> files;
    const auto add = [&files](std::string path, std::string what,
                              const std::vector<std::string>& places) {
        for (const std::string& place : places) {
            EvidenceFile file;
            file.path = path;
            file.what = what;
            file.place = place;
            files.push_back(std::move(file));
        }
    };
    for (const model::FileDifference& each : code.differences)
        add(each.path, std::string(model::to_string(each.change)), places_of(each, expected));
    for (const model::BytecodeFinding& each : code.bytecode)
        add(each.path, "bytecode", places_of(each, expected));
    return files;
}

// It lies in several places, and here it is the commit's.
bool is_as_committed(const EvidenceFile& file, const ExpectedCode& expected) {
    const auto found = expected.files.find(file.place);
    return file.what == "modified" && file.content && found != expected.files.end() &&
           base::git_blob_id(*file.content) == found->second.object_id;
}

// --- writing ---

Error system_error(std::string_view doing, const std::string& path, int code) {
    const bool refused = code == EACCES || code == EPERM || code == EROFS;
    return Error(refused ? Errc::denied : Errc::unavailable,
                 fmt::format("cannot {} {}: {}", doing, path, std::strerror(code)));
}

Result<void> write_file(const std::string& path, std::string_view content) {
    const std::error_code failed = base::create_file(path, content);
    return failed ? system_error("write", path, failed.value()) : Result<void>();
}

bool is_plain(const std::string& place) {
    if (!place.starts_with('/') || place.size() > path_limit - name_limit) return false;
    const auto parts = base::split(std::string_view(place).substr(1), '/');
    return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        return !part.empty() && part != "." && part != ".." && part.size() <= name_limit &&
               part.find('\0') == std::string_view::npos;
    });
}

// JSON is UTF-8; a name need not be.
std::string printable(const std::string& text) {
    if (!base::find_invalid_utf8(text)) return text;
    std::string escaped;
    for (const char letter : text)
        escaped += static_cast<unsigned char>(letter) < 0x80
                       ? std::string(1, letter)
                       : fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    return escaped;
}

json::object to_json(const EvidenceFile& file, const std::string& kept) {
    json::object object{
        {"path", printable(file.path)}, {"what", file.what}, {"place", printable(file.place)}};
    if (file.changed) object["changed"] = base::to_rfc3339(*file.changed);
    if (!kept.empty()) object["kept"] = printable(kept);
    if (!file.remark.empty()) object["remark"] = printable(file.remark);
    return object;
}

json::object to_json(const Evidence& evidence) {
    return {{"stack", evidence.stack},
            {"service", evidence.service},
            {"container", evidence.container},
            {"containerId", evidence.container_id},
            {"imageId", evidence.image_id},
            {"commit", evidence.commit},
            {"time", base::to_rfc3339(evidence.time)},
            {"differing", evidence.differing}};
}

// Its path below the folder.
Result<std::string> write_content(const std::string& folder, const EvidenceFile& file,
                                  std::size_t number) {
    std::string name = "files" + file.place;
    std::error_code code;
    fs::create_directory(folder + "/files", code);
    if (is_plain(file.place))
        fs::create_directories(fs::path(folder + "/" + name).parent_path(), code);
    // Too long, or a file where another one needs a folder.
    if (!is_plain(file.place) || code) name = fmt::format("files/{}", number);
    auto written = write_file(folder + "/" + name, *file.content);
    if (!written) return written.error();
    return name;
}

Result<void> fill_folder(const std::string& folder, const Evidence& evidence) {
    json::object object = to_json(evidence);
    json::array files;
    for (std::size_t at = 0; at < evidence.files.size(); ++at) {
        const EvidenceFile& file = evidence.files[at];
        std::string kept;
        if (file.content) {
            auto written = write_content(folder, file, at + 1);
            if (!written) return written.error();
            kept = std::move(*written);
        }
        files.push_back(to_json(file, kept));
    }
    object["files"] = std::move(files);
    return write_file(folder + "/evidence.json", json::serialize(object) + "\n");
}

// Names begin with the time, so their order is that of their making. What a killed attempt left
// begins with a dot, which comes before any digit.
void remove_old(const std::string& directory) {
    std::error_code code;
    std::vector<std::string> whole;
    for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (name.starts_with('.'))
            fs::remove_all(entry->path(), ignored);
        else
            whole.push_back(name);
    }
    std::sort(whole.begin(), whole.end());
    for (std::size_t at = 0; at + kept_evidence < whole.size(); ++at)
        fs::remove_all(fs::path(directory) / whole[at], code);
}

}    // namespace

std::vector<std::string> places_of(const model::FileDifference& difference,
                                   const ExpectedCode& expected) {
    // No file of the commit: of the build, or of nobody.
    if (difference.path.starts_with('/')) return {difference.path};
    std::vector<std::string> places;
    for (const auto& [path, file] : expected.files)
        if (file.commit_path == difference.path) places.push_back(path);
    return places;
}

Task<std::vector<EvidenceFile>> read_differing(engine::Engine& engine,
                                               model::ObservedContainer container,
                                               std::shared_ptr<const ExpectedCode> expected) {
    std::vector<EvidenceFile> files = list_differing(container.code, *expected);
    std::size_t left = evidence_limit;
    for (EvidenceFile& file : files) {
        if (file.what == model::to_string(model::FileChange::missing)) continue;
        const auto read = co_await read_one(engine, container.id, left, file);
        if (!read) co_return read.error();
    }
    std::erase_if(files,
                  [&](const EvidenceFile& file) { return is_as_committed(file, *expected); });
    co_return files;
}

Result<std::string> write_evidence(const std::string& directory, const Evidence& evidence) {
    const std::string of_stack = directory + "/" + evidence.stack;
    std::error_code code;
    fs::create_directories(of_stack, code);
    if (code) return system_error("create", of_stack, code.value());
    fs::permissions(directory, fs::perms::owner_all, code);
    const std::string name =
        fmt::format("{}-{}", base::to_rfc3339(evidence.time), evidence.container);
    const std::string part = of_stack + "/." + name;
    fs::remove_all(part, code);
    fs::create_directory(part, code);
    if (code) return system_error("create", part, code.value());
    const auto filled = fill_folder(part, evidence);
    std::string whole = of_stack + "/" + name;
    for (int again = 2; filled && fs::exists(whole); ++again)
        whole = fmt::format("{}/{}.{}", of_stack, name, again);
    if (filled) fs::rename(part, whole, code);
    if (!filled || code) {
        const int why = code.value();
        fs::remove_all(part, code);
        return filled ? system_error("rename to", whole, why) : filled.error();
    }
    remove_old(of_stack);
    return whole;
}

}    // namespace trueup::code
