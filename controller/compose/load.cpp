// SPDX-License-Identifier: Apache-2.0
// The pipeline, in order: find the files -> variables -> parse each -> the project's name, which is a
// variable too -> per file: interpolate, short forms, attributes -> merge -> decode -> complete ->
// consistency. A file that cannot be parsed ends the load; every other problem is kept and the load
// goes on, so that a person sees all of them at once. Where a variable failed, nothing that follows
// from its text is told.
#include "controller/compose/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/base/yaml.hpp"
#include "controller/compose/check_attributes.hpp"
#include "controller/compose/consistency.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/find_files.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t most_problems = 200;
constexpr std::size_t env_file_bytes = 16U << 20U;

Lookup look_in(const model::StringMap& values) {
    return [&values](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

// The documents of one file, mappings all of them.
std::vector<yaml::Node> parse_file(const model::Tree& tree, const std::string& path,
                                   Problems& problems) {
    const auto content = read_text(tree, path);
    if (!content) {
        problems.push_back(
            {Position{path, 0, 0}, content.error().message(), "is this the right file?"});
        return {};
    }
    auto documents = yaml::parse(*content, path);
    if (!documents) {
        const Problems found = documents.error().problems();
        problems.insert(problems.end(), found.begin(), found.end());
        return {};
    }
    std::erase_if(*documents, [](const yaml::Node& document) { return document.is_null(); });
    for (const yaml::Node& document : *documents) {
        if (!document.is_mapping())
            problems.push_back(
                {document.position(),
                 fmt::format("a compose file is a mapping, this is {}", document.describe()), ""});
    }
    return std::move(*documents);
}

bool is_plain(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_project_name(std::string_view name) {
    return !name.empty() && name.size() <= 200 && is_plain(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char letter) {
               return is_plain(letter) || letter == '-' || letter == '_';
           });
}

// Compose's way to make a project's name of a text: lower case, other characters dropped.
std::string normal_name(std::string_view text) {
    std::string name;
    for (char letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        const bool inner = !name.empty() && (letter == '-' || letter == '_');
        if (is_plain(letter) || inner) name += letter;
    }
    return name;
}

// The Stack's, else COMPOSE_PROJECT_NAME, else the last `name:`, else the folder's.
std::string project_name(const std::vector<yaml::Node>& documents, const LoadOptions& options,
                         const Lookup& lookup, Problems& problems) {
    std::string name = options.project_name;
    Position position;
    if (name.empty()) name = lookup("COMPOSE_PROJECT_NAME").value_or("");
    for (auto document = documents.rbegin(); name.empty() && document != documents.rend();
         ++document) {
        const yaml::Node* given = document->find("name");
        if (given == nullptr || !given->is_scalar()) continue;
        const auto text = substitute(given->text, lookup);
        if (!text) return {};    // told where all variables are
        name = normal_name(text->text);
        position = given->position();
    }
    const std::string& folder = options.project_directory;
    if (name.empty()) name = normal_name(std::string_view(folder).substr(folder.rfind('/') + 1));
    if (!is_project_name(name)) {
        problems.push_back({position, fmt::format("'{}' is no project name", name),
                            "lower-case letters, digits, - and _, up to 200 of them, starting "
                            "with a letter or digit"});
    }
    return name;
}

void warn_of_version(const yaml::Node& file, Problems& warnings) {
    const yaml::Node* version = file.find("version");
    if (version != nullptr)
        warnings.push_back(
            {version->position(), "'version' is obsolete and has no effect", "remove it"});
}

yaml::Node merge_documents(std::vector<yaml::Node> documents, const Lookup& lookup,
                           Problems& problems, Problems& warnings) {
    yaml::Node merged;
    merged.kind = yaml::Kind::mapping;
    if (!documents.empty()) {
        merged.file = documents.front().file;
        merged.line = documents.front().line;
        merged.column = documents.front().column;
    }
    std::set<Position> failed;
    Problems after;
    for (yaml::Node& document : documents) {
        Problems found;
        interpolate(document, lookup, found, warnings);
        for (Problem& problem : found) {
            failed.insert(problem.position);
            problems.push_back(std::move(problem));
        }
        check_tags(document, after);
        expand_short_forms(document, after);
        check_file(document, after);
        warn_of_version(document, warnings);
        merged = merge(std::move(merged), std::move(document));
    }
    std::erase_if(after, [&](const Problem& it) { return failed.contains(it.position); });
    problems.insert(problems.end(), after.begin(), after.end());
    apply_resets(merged);
    return merged;
}

// In the order of the files' lines, each once.
Error error_of(Problems problems) {
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    if (problems.size() > most_problems) {
        const std::size_t more = problems.size() - most_problems;
        problems.resize(most_problems);
        problems.push_back({Position(), fmt::format("and {} more problems", more), ""});
    }
    return Error(std::move(problems));
}

model::Project build_project(const yaml::Node& merged, const std::string& name,
                             const DecodeContext& context) {
    // Decoding what a failed variable left behind would only tell of it again.
    std::set<Position> known;
    for (const Problem& problem : context.problems) known.insert(problem.position);
    const std::size_t before = context.problems.size();
    model::Project project = decode(merged, name, context);
    complete(project);
    // What an unsupported include would bring is not here to be found.
    if (merged.find("include") == nullptr) check_consistency(project, context.problems);
    const auto first = context.problems.begin() + static_cast<std::ptrdiff_t>(before);
    context.problems.erase(
        std::remove_if(first, context.problems.end(),
                       [&](const Problem& it) { return known.contains(it.position); }),
        context.problems.end());
    return project;
}

}    // namespace

Result<model::Project> load(const model::Tree& tree, const LoadOptions& given) {
    LoadOptions options = given;
    const auto directory = base::normal_path(given.project_directory);
    if (!directory) {
        return Error(Errc::invalid, fmt::format("the project directory '{}' is outside the commit",
                                                given.project_directory));
    }
    options.project_directory = *directory;
    Problems problems;
    Problems warnings;
    const auto files = find_compose_files(tree, options, warnings);
    if (!files) return files.error();
    auto values = read_variables(tree, options);
    if (!values) return values.error();
    const Lookup lookup = look_in(*values);

    std::vector<yaml::Node> documents;
    for (const std::string& file : *files) {
        for (yaml::Node& document : parse_file(tree, file, problems))
            documents.push_back(std::move(document));
    }
    if (!problems.empty()) return error_of(std::move(problems));
    const std::string name = project_name(documents, options, lookup, problems);
    (*values)["COMPOSE_PROJECT_NAME"] = name;
    yaml::Node merged = merge_documents(std::move(documents), lookup, problems, warnings);
    if (!merged.file) merged.file = std::make_shared<const std::string>(files->front());

    std::size_t env_bytes = env_file_bytes;
    const DecodeContext context{tree,     options.project_directory,
                                lookup,   {options.profiles.begin(), options.profiles.end()},
                                problems, env_bytes};
    model::Project project = build_project(merged, name, context);
    if (!problems.empty()) return error_of(std::move(problems));
    std::sort(warnings.begin(), warnings.end());
    warnings.erase(std::unique(warnings.begin(), warnings.end()), warnings.end());
    project.config_files = *files;
    project.warnings = std::move(warnings);
    return project;
}

}    // namespace trueup::compose
