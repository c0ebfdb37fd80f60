// SPDX-License-Identifier: Apache-2.0
// Step: extends (Compose Specification, "Extends"). A service takes over what another one of the same or
// of another file says, and lays its own over it. Paths in another file start at that file's folder.
// Cycles and missing services are refused.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/yaml.hpp"
#include "controller/compose/load_files.hpp"
#include "controller/compose/resets.hpp"

namespace trueup::compose {

class Extender {
public:
    Extender(const FileSet& files, Session& session) : files_(files), session_(session) {}

    // Every service of a document of the file `path`.
    void apply(yaml::Node& document, const std::string& path, const Resets& resets);

private:
    // Services that can be extended by their name.
    struct Scope {
        std::string path;
        std::string directory;    // extends.file starts there
        yaml::Node document;
        Resets resets;
    };
    struct Link {
        std::string path;
        std::string service;
        bool operator==(const Link&) const = default;
    };
    using Trail = std::vector<Link>;

    void extend(Scope& scope, const std::string& name, yaml::Node& service, Trail& trail);
    // The one that `service` extends, itself complete; nullptr when there is none.
    const yaml::Node* base_of(Scope& scope, const std::string& name, const yaml::Node& extends,
                              Trail& trail);
    bool check_form(const std::string& name, const yaml::Node& extends);
    bool enter(const Link& link, const yaml::Node& place, Trail& trail);
    Scope* other_file(const Scope& scope, const std::string& name, const yaml::Node& file);
    void load(Scope& scope, const Place& from);

    const FileSet& files_;
    Session& session_;
    std::map<std::string, std::unique_ptr<Scope>> scopes_;    // by path
};

}    // namespace trueup::compose
