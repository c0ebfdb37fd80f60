// SPDX-License-Identifier: Apache-2.0
// Annotations that an operator sets, laid over those of the files.
#include <utility>

#include "controller/reconcile/registry.hpp"
#include "controller/reconcile/request.hpp"

namespace trueup::reconcile {

void Registry::lay_annotations_over(const std::string& name, Entry& entry) {
    const auto said = annotations_.find(name);
    if (said == annotations_.end()) return;
    // Carried over from the entry before, where the file is gone or unreadable: laid over already.
    const bool of_file = !entry.file_gone && !entry.file_error;
    auto& all = said->second;
    for (auto each = all.begin(); each != all.end();) {
        const auto& [key, annotation] = *each;
        if (of_file && annotation_of(entry.stack, key) != annotation.of_file) {
            each = all.erase(each);
            continue;
        }
        entry.stack.metadata.annotations.insert_or_assign(key, annotation.value);
        ++each;
    }
}

void Registry::annotate(const std::string& name, const std::string& key,
                        std::optional<std::string> value) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    std::map<std::string, std::string>& shown = found->second.stack.metadata.annotations;
    std::map<std::string, Annotation>& said = annotations_[name];
    const auto before = said.find(key);
    const std::optional<std::string> of_file =
        before == said.end() ? annotation_of(found->second.stack, key) : before->second.of_file;
    if (value) {
        said.insert_or_assign(key, Annotation{*value, of_file});
        shown.insert_or_assign(key, std::move(*value));
    } else {
        said.erase(key);
        shown.erase(key);
        if (of_file) shown.emplace(key, *of_file);
    }
    found->second.stack.metadata.resource_version = ++resource_version_;
    if (on_change_) on_change_(name);
}

bool Registry::is_of_file(const std::string& name, const std::string& key) const {
    const auto said = annotations_.find(name);
    if (said != annotations_.end()) {
        const auto found = said->second.find(key);
        if (found != said->second.end()) return found->second.of_file.has_value();
    }
    const Entry* entry = find(name);
    return entry != nullptr && annotation_of(entry->stack, key).has_value();
}

}    // namespace trueup::reconcile
