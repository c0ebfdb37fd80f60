// SPDX-License-Identifier: Apache-2.0
#include "api/cli/code_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/json/array.hpp>
#include <string_view>

#include "api/cli/table.hpp"
#include "controller/code/unified_diff.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

std::string_view word(model::EntryKind kind) {
    switch (kind) {
        case model::EntryKind::file: return "file";
        case model::EntryKind::executable: return "executable";
        case model::EntryKind::symlink: return "symlink";
        case model::EntryKind::directory: return "directory";
        case model::EntryKind::submodule: return "submodule";
    }
    return "file";
}

std::string count_of(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

json::object difference(const app::DifferingFile& file) {
    json::object object;
    object["path"] = printable(file.path);
    object["change"] = model::to_string(file.change);
    return object;
}

json::object head(const app::CodeCheck& check) {
    json::object object;
    object["container"] = check.container;
    object["containerId"] = check.container_id;
    object["commit"] = check.commit;
    object["proven"] = check.status == model::CodeStatus::fresh;
    object["files"] = check.files;
    object["differenceCount"] = check.difference_count;
    json::array bytecode;
    for (const std::string& text : check.bytecode) bytecode.emplace_back(printable(text));
    object["bytecode"] = std::move(bytecode);
    object["bytecodeCount"] = check.bytecode_count;
    json::array of_image;
    for (const std::string& path : check.of_image) of_image.emplace_back(printable(path));
    object["ofImage"] = std::move(of_image);
    object["ofImageCount"] = check.of_image_count;
    json::array of_build;
    for (const std::string& text : check.of_build) of_build.emplace_back(printable(text));
    object["changedByBuild"] = std::move(of_build);
    object["changedByBuildCount"] = check.of_build_count;
    json::array untraced;
    for (const Problem& problem : check.untraced) untraced.emplace_back(to_string(problem));
    object["notFollowed"] = std::move(untraced);
    return object;
}

bool is_text(const std::optional<std::string>& content) {
    return !content || code::is_text(*content);
}

std::string name_in(const char* side, const std::string& path, bool exists) {
    if (!exists) return "/dev/null";
    return fmt::format("{}/{}", side, path.starts_with('/') ? path.substr(1) : path);
}

// For a terminal, with newlines and tabs as they are.
std::string safe_lines(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of("\n\t");
        safe += printable(text.substr(0, end));
        if (end == std::string_view::npos) break;
        safe += text[end];
        text.remove_prefix(end + 1);
    }
    return safe;
}

std::string left_out(const app::CodeCheck& check) {
    const std::size_t shown = check.differing.size();
    if (check.difference_count <= shown) return {};
    return fmt::format("and {} more\n", check.difference_count - shown);
}

}    // namespace

json::object to_json(const app::CodeHash& hash) {
    json::object object;
    object["commit"] = hash.commit;
    object["path"] = printable(hash.path);
    object["kind"] = word(hash.kind);
    object["id"] = hash.object_id;
    return object;
}

json::object to_json(const app::CodeCheck& check) {
    json::object object = head(check);
    json::array differences;
    for (const app::DifferingFile& file : check.differing) differences.push_back(difference(file));
    object["differences"] = std::move(differences);
    return object;
}

std::string verdict_text(const app::CodeCheck& check) {
    const std::string commit = check.commit.substr(0, 12);
    std::string text;
    if (check.status == model::CodeStatus::fresh) {
        const std::size_t same = check.files - std::min(check.files, check.of_build_count);
        text = fmt::format("{}: proven, {} as in commit {}\n", printable(check.container),
                           count_of(same, "file") + (same == 1 ? " is" : " are"), commit);
    } else if (check.status == model::CodeStatus::unknown) {
        text = fmt::format("{}: could not be told, {} compared with commit {}\n",
                           printable(check.container), count_of(check.files, "file"), commit);
    } else if (check.difference_count == 0) {
        text = fmt::format("{}: bytecode differs from commit {} ({} compared)\n",
                           printable(check.container), commit, count_of(check.files, "file"));
    } else {
        text = fmt::format("{}: {} from commit {} ({} compared)\n", printable(check.container),
                           count_of(check.difference_count, "file") +
                               (check.difference_count == 1 ? " differs" : " differ"),
                           commit, check.files);
    }
    for (const app::DifferingFile& file : check.differing)
        text += fmt::format("  {} {}\n", model::to_string(file.change), printable(file.path));
    const std::string more = left_out(check);
    if (!more.empty()) text += "  " + more;
    for (const std::string& each : check.bytecode)
        text += fmt::format("  bytecode: {}\n", printable(each));
    if (check.bytecode_count > check.bytecode.size())
        text +=
            fmt::format("  bytecode: and {} more\n", check.bytecode_count - check.bytecode.size());
    for (const std::string& path : check.of_image)
        text += fmt::format("  of its image, which trueup did not build of this commit: {}\n",
                            printable(path));
    if (check.of_image_count > check.of_image.size())
        text += fmt::format("  of its image: and {} more\n",
                            check.of_image_count - check.of_image.size());
    for (const std::string& each : check.of_build)
        text += fmt::format("  changed by its build: {}\n", printable(each));
    if (check.of_build_count > check.of_build.size())
        text += fmt::format("  changed by its build: and {} more\n",
                            check.of_build_count - check.of_build.size());
    for (const Problem& problem : check.untraced)
        text += fmt::format("not compared: {}\n", printable(to_string(problem)));
    return text;
}

std::string diff_text(const app::DifferingFile& file) {
    const std::string path = printable(file.path);
    if (file.change == model::FileChange::mode) return fmt::format("mode differs: {}\n", path);
    if (!is_text(file.before) || !is_text(file.after))
        return fmt::format("binary files differ: {} ({})\n", path, model::to_string(file.change));
    if (file.bounded || (!file.before && !file.after)) {
        return fmt::format(
            "not shown: {} ({}; longer than 1 MiB, no plain file, or too many differ)\n", path,
            model::to_string(file.change));
    }
    return code::unified_diff(file.before.value_or(""), file.after.value_or(""),
                              name_in("commit", path, file.before.has_value()),
                              name_in("container", path, file.after.has_value()));
}

std::string diff_text(const app::CodeCheck& check) {
    std::string text;
    for (const app::DifferingFile& file : check.differing) text += safe_lines(diff_text(file));
    return text + left_out(check);
}

std::string beside_diff(const app::CodeCheck& check) {
    if (check.status == model::CodeStatus::fresh) return {};
    const bool shown = !check.differing.empty() && check.bytecode_count == 0 &&
                       check.of_image_count == 0 && check.status == model::CodeStatus::stale;
    return shown ? std::string() : verdict_text(check);
}

json::object to_diff_json(const app::CodeCheck& check) {
    json::object object = head(check);
    json::array differences;
    for (const app::DifferingFile& file : check.differing) {
        json::object each = difference(file);
        const bool binary = !is_text(file.before) || !is_text(file.after);
        each["binary"] = binary;
        each["diff"] = diff_text(file);
        differences.push_back(std::move(each));
    }
    object["differences"] = std::move(differences);
    return object;
}

}    // namespace trueup::cli
