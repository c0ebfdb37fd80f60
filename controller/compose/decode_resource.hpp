// SPDX-License-Identifier: Apache-2.0
// What networks, volumes, configs and secrets have in common.
#pragma once

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {

template <class Resource>
Resource decode_resource(const yaml::Entry& entry) {
    Resource resource;
    resource.key = entry.key;
    const Fields fields(entry.value);
    fields.text("name", resource.name);
    fields.flag("external", resource.external);
    fields.text("driver", resource.driver);
    fields.map("driver_opts", resource.driver_options);
    fields.map("labels", resource.labels);
    return resource;
}

}    // namespace trueup::compose
