// SPDX-License-Identifier: Apache-2.0
// Every attribute of the Compose Specification, once: what may stand there, what it becomes, and
// whether trueup acts on it. The loader validates, casts, refuses and prints by this table, and
// docs/compose.md is made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

// The objects of the Compose Specification.
enum class Object : std::uint8_t {
    none,
    file,
    include,
    service,
    build,
    block_io,
    block_rate,
    block_weight,
    credential_spec,
    dependency,
    deploy,
    update,
    resources,
    limits,
    reservations,
    generic_resource,
    discrete_resource,
    device_request,
    restart_policy,
    placement,
    preference,
    develop,
    watch,
    device,
    env_file,
    extends,
    provider,
    healthcheck,
    hook,
    logging,
    service_model,
    service_network,
    service_extension,
    port,
    mount,
    mount_bind,
    mount_volume,
    mount_tmpfs,
    mount_image,
    file_reference,
    ulimit,
    network,
    ipam,
    address_pool,
    volume,
    secret,
    config,
    model,
    external,
};

// What an attribute is. Lists and mappings are named after the specification's own definitions.
enum class Kind : std::uint8_t {
    // Single values; what they may be written as is `takes`.
    text,
    flag,
    optional_flag,    // says something when it is false, too
    integer,
    optional_integer,    // says something when it is 0, too
    real,
    bytes,       // "1.5gb"
    duration,    // "1m30s"
    mode,        // of a file, octal
    count,       // a number or "all"
    cpus,        // a fraction of a processor

    command,         // nothing, a text of shell words, or a list
    test,            // of a health check: a text or a list
    texts,           // a list
    unique_texts,    // a list without doubles
    texts_or_numbers,
    text_or_texts,
    label_file,
    variables,    // "KEY=value" in a list, or a mapping
    hosts,        // "host:address" in a list, or a mapping
    options,      // a mapping of texts, numbers or nothing
    driver_options,
    text_map,
    free_map,
    provider_options,

    object,
    object_or_null,
    text_or_object,
    objects,    // a list of them
    texts_or_objects,
    ports,
    env_files,
    gpus,
    named,             // a mapping of names to objects
    named_or_null,     // … or to nothing
    names_or_named,    // a list of names, or such a mapping
    names_or_named_or_null,
    ulimits,
    external,
};

// What a single value may be written as.
enum class Takes : std::uint8_t {
    usual,    // text: text; flag: boolean, text; integer: integer, text; the rest: number, text
    text,
    text_or_null,
    boolean,
    integer_or_text,
    integer,
    number,
    count,        // an integer from 0 on, or a text
    percent,      // an integer from 0 to 100, or a text
    oom_score,    // an integer from -1000 to 1000, or a text
    text_or_flag,
};

// How two files, or a service and the one it extends, say it together. By default mappings are merged,
// lists appended, and everything else replaced.
enum class Merge : std::uint8_t {
    usual,
    replace,
    sequence,        // mappings and single texts count as lists of KEY=value
    hosts,           // the same, leaving out what is there already
    names,           // lists count as mappings to nothing
    dependencies,    // lists count as mappings to the usual dependency
    build,           // a text is the context
    logging,         // merged only for the same driver
    ulimit,          // each limit replaced, unless both are mappings
    pools,           // address pools by subnet
};

// What makes two items of a list the same: the later one takes the place of the earlier one.
enum class Unique : std::uint8_t {
    none,
    key,    // the text before '='
    value,
    path,      // of an env_file
    port,      // address, published, target, protocol
    target,    // of a volume
    device,    // the path in the container
    config,    // the file in the container
    secret,
};

enum class Support : std::uint8_t {
    supported,
    no_effect,    // accepted: it says nothing to one engine without a terminal; `note` says why
    refused,      // `note` says why, and what to use instead
};

struct Extras {
    Object inner = Object::none;
    Takes takes = Takes::usual;
    std::string_view words;    // "host|private": no other text
    bool required = false;
    Merge merge = Merge::usual;
    Unique unique = Unique::none;
};

struct Attribute {
    std::string_view name;
    Kind kind = Kind::text;
    Support support = Support::supported;
    std::string_view note;
    Extras extras;
};

struct ObjectRules {
    Object object = Object::none;
    std::string_view what;    // "a service"
    std::span<const Attribute> attributes;
    bool open = false;         // takes other names too
    bool extensible = true;    // takes x-*
};

const ObjectRules& rules_of(Object object);
// nullptr when there is no such attribute.
const Attribute* find_attribute(Object object, std::string_view name);

}    // namespace trueup::compose
