// SPDX-License-Identifier: Apache-2.0
#include "controller/code/interpreter.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/code/container_file.hpp"
#include "controller/code/root_scan.hpp"
#include "controller/engine/json_read.hpp"

namespace trueup::code {
namespace {

namespace json = boost::json;
using engine::codec::array;
using engine::codec::at;
using engine::codec::text;

constexpr std::size_t script_limit = 64U << 10U;
// Each of them costs a question to the container.
constexpr std::size_t most_programs = 6;
constexpr std::size_t most_scripts = 4;
constexpr std::size_t most_folders = 8;

void append_words(const json::value& list, model::Strings& words) {
    for (const json::value& word : array(list)) words.push_back(text(word));
}

// "python", "python3", "python3.12".
bool is_python(std::string_view name) {
    constexpr std::string_view python = "python";
    if (!name.starts_with(python)) return false;
    name.remove_prefix(python.size());
    if (name.empty() || name == "3") return true;
    if (!name.starts_with("3.") || name.size() < 3) return false;
    return std::all_of(name.begin() + 2, name.end(),
                       [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

bool is_python_path(std::string_view word) {
    const std::size_t slash = word.rfind('/');
    if (slash == std::string_view::npos) return is_python(word);
    return word.starts_with('/') && is_python(word.substr(slash + 1));
}

void add_new(model::Strings& list, std::string word) {
    if (list.size() < most_programs && std::find(list.begin(), list.end(), word) == list.end())
        list.push_back(std::move(word));
}

bool is_comment(std::string_view line) {
    line = base::trim(line);
    return line.starts_with('#') && !line.starts_with("#!");
}

// Where the words of the command may lie as files.
model::Strings scripts_of(const Entry& entry) {
    model::Strings scripts;
    for (std::size_t at = 0; at < entry.words.size() && scripts.size() < most_scripts; ++at) {
        const std::string& word = entry.words[at];
        if (word.empty() || word.starts_with('-') || word.find('\n') != std::string::npos) continue;
        if (word.starts_with('/')) {
            scripts.push_back(word);
        } else if (word.find('/') != std::string::npos) {
            const std::size_t begin = word.starts_with("./") ? 2 : 0;
            scripts.push_back(entry.directory + "/" + word.substr(begin));
        } else if (at == 0) {
            for (const std::string& folder : entry.search) scripts.push_back(folder + "/" + word);
        }
    }
    return scripts;
}

}    // namespace

Entry read_entry(const json::object& inspect) {
    constexpr std::string_view path = "PATH=";
    Entry entry;
    const json::value* config = inspect.if_contains("Config");
    if (config == nullptr) return entry;
    append_words(at(*config, "Entrypoint"), entry.words);
    append_words(at(*config, "Cmd"), entry.words);
    const std::string directory = text(at(*config, "WorkingDir"));
    if (directory.size() > 1) entry.directory = directory;
    model::Strings environment;
    append_words(at(*config, "Env"), environment);
    for (const std::string& variable : environment) {
        if (!variable.starts_with(path)) continue;
        for (const std::string_view folder :
             base::split(std::string_view(variable).substr(path.size()), ':')) {
            if (folder.starts_with('/') && entry.search.size() < most_folders)
                entry.search.emplace_back(folder);
        }
    }
    return entry;
}

model::Strings interpreters_in(std::string_view text) {
    constexpr std::string_view separators = " \t\r\"'`;&|()<>{}=$#!,[]";
    model::Strings programs;
    for (std::string_view line : base::split(text, '\n')) {
        if (is_comment(line)) continue;
        while (!line.empty()) {
            const std::size_t end = std::min(line.find_first_of(separators), line.size());
            const std::string_view word = line.substr(0, end);
            if (is_python_path(word)) add_new(programs, std::string(word));
            line.remove_prefix(std::min(end + 1, line.size()));
        }
    }
    return programs;
}

Task<model::Strings> interpreters_of_entry(engine::Engine& engine, std::string container_id,
                                           Entry entry) {
    model::Strings programs;
    for (const std::string& word : entry.words) {
        for (std::string& program : interpreters_in(word)) add_new(programs, std::move(program));
    }
    if (!programs.empty()) co_return programs;
    for (const std::string& script : scripts_of(entry)) {
        const auto file = co_await read_container_file(engine, container_id, script, script_limit);
        if (!file &&
            (file.error().code() == Errc::cancelled || file.error().code() == Errc::unavailable))
            co_return file.error();
        if (!file || !file->content || !file->content->starts_with("#!")) continue;
        for (std::string& program : interpreters_in(*file->content))
            add_new(programs, std::move(program));
    }
    co_return programs;
}

Task<model::Strings> interpreters_of_container(engine::Engine& engine, std::string container_id) {
    const auto inspect = co_await engine.inspect_container_raw(container_id);
    if (!inspect) co_return inspect.error();
    model::Strings programs;
    const json::value& pid = at(at(*inspect, "State"), "Pid");
    const auto process =
        pid.is_int64() ? ProcessRoot::open(pid.get_int64(), container_id) : std::nullopt;
    if (process) {
        for (std::string& program : process->programs()) {
            if (is_python_path(program)) add_new(programs, std::move(program));
        }
    }
    if (!programs.empty()) co_return programs;
    Entry entry = read_entry(*inspect);
    co_return co_await interpreters_of_entry(engine, std::move(container_id), std::move(entry));
}

}    // namespace trueup::code
