// SPDX-License-Identifier: Apache-2.0
// The configuration is hashed with every content taken out of it, and each content for itself. So of two
// containers with the same rest the contents that differ can be named, though neither has the old one.
#include "controller/render/content.hpp"

#include <fmt/format.h>

#include "controller/base/digest.hpp"
#include "controller/base/text.hpp"

namespace trueup::render {
namespace {

constexpr std::size_t digits = 16;    // enough to tell a change

using Objects = std::map<std::string, model::FileObject>;

void take_content(Objects& objects) {
    for (auto& [key, object] : objects) {
        object.content.clear();
        object.content_id.clear();
    }
}

// What the service would be with no content at all.
std::string hash_of_rest(const model::Project& project, const model::Service& service) {
    model::Project bare;
    bare.name = project.name;
    bare.networks = project.networks;
    bare.volumes = project.volumes;
    bare.configs = project.configs;
    bare.secrets = project.secrets;
    take_content(bare.configs);
    take_content(bare.secrets);
    model::Service rest = service;
    rest.config_hash.clear();
    for (const std::string& name : service.from_variable_files) rest.environment.erase(name);
    for (model::Mount& mount : rest.mounts) {
        if (mount.in_commit) mount.content_id = mount.source;
    }
    return config_hash(bare, rest);
}

class Contents {
public:
    explicit Contents(std::string_view key) : key_(key) {}

    void add(const std::string& name, std::string_view content) {
        // Of a secret, too: nobody without the key can try contents out.
        const std::string text = fmt::format("{}:{}{}", name.size(), name, content);
        const std::string hash =
            key_.empty() ? base::sha256_hex(text) : base::hmac_sha256_hex(key_, text);
        contents_[name] = hash.substr(0, digits);
    }
    void add(std::string_view kind, const Objects& objects,
             const std::vector<model::FileReference>& references) {
        for (const model::FileReference& reference : references) {
            const auto found = objects.find(reference.source);
            if (found == objects.end() || !is_written(found->second, reference)) continue;
            const model::FileObject& object = found->second;
            if (object.origin == model::FileOrigin::commit)
                add(object.path, object.content_id);
            else
                add(fmt::format("{} {}", kind, reference.source), object.content);
        }
    }
    const model::StringMap& get() const { return contents_; }

private:
    std::string_view key_;
    model::StringMap contents_;
};

model::StringMap contents_of(const model::Project& project, const model::Service& service,
                             std::string_view key) {
    Contents contents(key);
    for (const auto& [target, mount] : mounts_by_target(project, service)) {
        if (!mount.in_commit) continue;
        contents.add(mount.source.empty() ? "." : mount.source, mount.content_id);
    }
    for (const model::VariableFile& file : service.variable_files)
        contents.add(file.path, file.content_id);
    contents.add("config", project.configs, service.configs);
    contents.add("secret", project.secrets, service.secrets);
    return contents.get();
}

std::string label(const std::string& rest, const model::StringMap& contents) {
    if (contents.empty()) return {};
    std::string text = rest.substr(0, digits);
    for (const auto& [name, hash] : contents) {
        if (name.find('\n') == std::string::npos) text += fmt::format("\n{} {}", hash, name);
    }
    return text;
}

model::StringMap read(const std::vector<std::string_view>& lines) {
    model::StringMap contents;
    for (std::size_t index = 1; index < lines.size(); ++index) {
        const std::string_view line = lines[index];
        if (line.size() > digits + 1 && line[digits] == ' ')
            contents.emplace(line.substr(digits + 1), line.substr(0, digits));
    }
    return contents;
}

}    // namespace

std::string content_label(const model::Project& project, const model::Service& service,
                          std::string_view key) {
    return label(keyed_hash(std::string(key), hash_of_rest(project, service)),
                 contents_of(project, service, key));
}

std::string former_content_label(const model::Project& project, const model::Service& service,
                                 std::string_view key) {
    return label(hash_of_rest(project, service), contents_of(project, service, key));
}

model::Strings changed_contents(const std::string& before, const std::string& now) {
    const auto old_lines = base::split(before, '\n');
    const auto new_lines = base::split(now, '\n');
    model::Strings names;
    if (before.empty() || now.empty() || old_lines.front() != new_lines.front()) return names;
    const model::StringMap old_contents = read(old_lines);
    for (const auto& [name, hash] : read(new_lines)) {
        const auto found = old_contents.find(name);
        if (found == old_contents.end() || found->second != hash) names.push_back(name);
    }
    return names;
}

}    // namespace trueup::render
