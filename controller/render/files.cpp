// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "controller/render/render.hpp"

namespace trueup::render {
namespace {

constexpr std::uint32_t usual_mode = 0444;

// Checked by the loader.
std::int64_t number_of(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void add(const std::map<std::string, model::FileObject>& objects,
         const std::vector<model::FileReference>& references, std::vector<WrittenFile>& files) {
    for (const model::FileReference& reference : references) {
        const auto found = objects.find(reference.source);
        if (found == objects.end() || !is_written(found->second, reference)) continue;
        WrittenFile file;
        file.target = reference.target;
        file.content = found->second.content;
        file.mode = reference.mode.value_or(usual_mode);
        file.user = number_of(reference.uid);
        file.group = number_of(reference.gid);
        files.push_back(std::move(file));
    }
}

}    // namespace

bool is_written(const model::FileObject& object, const model::FileReference& reference) {
    switch (object.origin) {
        case model::FileOrigin::content:
        case model::FileOrigin::environment: return true;
        case model::FileOrigin::commit: return model::asks_for_owner_or_mode(reference);
        case model::FileOrigin::host: break;
    }
    return false;
}

std::vector<WrittenFile> written_files(const model::Project& project,
                                       const model::Service& service) {
    std::vector<WrittenFile> files;
    add(project.configs, service.configs, files);
    add(project.secrets, service.secrets, files);
    return files;
}

}    // namespace trueup::render
