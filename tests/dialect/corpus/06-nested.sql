-- feature: lists: building and reading
SELECT list_value(1, 2) AS a, list_pack(1, 2) AS b, len([1, 2]) AS c, array_length([1, 2]) AS d, list_extract([1, 2], 2) AS e, list_element([1, 2], 1) AS f, array_extract(['a'], 1) AS g, list_slice([1, 2, 3], 2, 3) AS h, array_slice([1, 2, 3], 1, 2) AS i, cardinality(MAP {'a': 1}) AS j;
SELECT list_append([1], 2) AS a, array_append([1], 2) AS b, list_prepend(0, [1]) AS c, array_push_back([1], 2) AS d, array_push_front([1], 0) AS e, array_pop_back([1, 2]) AS f, array_pop_front([1, 2]) AS g, list_concat([1], [2, 3]) AS h, array_cat([1], [2]) AS i, list_cat([1], NULL) AS j;
SELECT list_resize([1, 2], 3, 0) AS a, array_resize([1, 2, 3], 2) AS b, flatten([[1], [2, 3]]) AS c, list_reverse([1, 2]) AS d, array_reverse(['a', 'b']) AS e;
SELECT list_zip([1, 2], ['a', 'b']) AS a, array_zip([1], [2]) AS b;

-- feature: lists: searching
SELECT list_contains([1, 2], 2) AS a, array_contains(['a'], 'b') AS b, list_has([1], 1) AS c, array_has([1], 2) AS d, list_has_any([1, 2], [2, 3]) AS e, list_has_all([1, 2], [2]) AS f, list_position([5, 6], 6) AS g, list_indexof([5, 6], 7) AS h, array_position(['a', 'b'], 'b') AS i;
SELECT [1, 2] && [2] AS a, [1, 2] @> [2] AS b, [2] <@ [1, 2] AS c, 1 = ANY([1, 2]) AS d;
SELECT list_intersect([1, 2, 3], [2, 3, 4]) AS a, list_sort(list_distinct([1, 1, 2])) AS b, list_unique([1, 1, 2]) AS c, array_unique(['a', 'a']) AS d, list_where([1, 2, 3], [true, false, true]) AS e, list_select([10, 20, 30], [3, 1]) AS f;

-- feature: lists: sorting
SELECT list_sort([3, 1, 2]) AS a, list_reverse_sort([3, 1, 2]) AS b, array_sort(['b', 'a']) AS c, list_sort([3, NULL, 1]) AS d, list_sort([3, NULL, 1], 'DESC') AS e, list_sort([1, NULL, 2], 'ASC', 'NULLS LAST') AS f, list_grade_up([3, 1, 2]) AS g, array_reverse_sort([1, NULL, 2]) AS h;

-- feature: lists: aggregates
SELECT list_sum([1, 2]) AS a, list_avg([1, 2]) AS b, list_min([2, 1]) AS c, list_max([2, 1]) AS d, list_count([1, NULL]) AS e, list_first([5, 6]) AS f, list_last([5, 6]) AS g, list_median([1, 2, 9]) AS h, list_mode([1, 1, 2]) AS i, list_product([2, 3]) AS j, list_any_value([NULL, 7]) AS k, list_bool_and([true, false]) AS l, list_bool_or([true, false]) AS m, list_stddev_samp([1, 2, 3]) AS n, list_var_pop([1, 2, 3]) AS o, list_string_agg(['a', 'b']) AS p;
SELECT list_aggregate([1, 2, 3], 'sum') AS a, list_aggr([1, 2, 3], 'max') AS b, array_aggregate(['a', 'b'], 'string_agg', '-') AS c, list_aggregate([1, 2], 'avg') AS d, list_histogram(['a', 'a', 'b']) AS e;
SELECT id, list_sum(scores) AS a, list_max(scores) AS b, list_avg(scores) AS c, len(tags) AS d FROM posts ORDER BY id;

-- feature: lists: vectors
SELECT list_distance([1.0, 2.0]::DOUBLE[], [2.0, 4.0]::DOUBLE[]) AS a, list_inner_product([1, 2]::DOUBLE[], [3, 4]::DOUBLE[]) AS b, list_dot_product([1, 2]::DOUBLE[], [3, 4]::DOUBLE[]) AS c, list_cosine_similarity([1, 0]::DOUBLE[], [1, 0]::DOUBLE[]) AS d, list_cosine_distance([1, 0]::DOUBLE[], [0, 1]::DOUBLE[]) AS e;

-- feature: structs
SELECT struct_extract({'a': 1, 'b': 2}, 'b') AS a, struct_insert({'a': 1}, b := 2) AS b, struct_pack(x := 1) AS c, struct_keys({'a': 1, 'b': 2}) AS d, struct_concat({'a': 1}, {'b': 2}) AS e, struct_extract_at({'a': 5}, 1) AS f;
SELECT {'a': 1, 'b': 2} = {'a': 1, 'b': 2} AS a, {'a': 1} < {'a': 2} AS b;
SELECT id, info, info.city FROM posts ORDER BY id;

-- feature: maps
SELECT map_keys(MAP {'a': 1, 'b': 2}) AS a, map_values(MAP {'a': 1}) AS b, map_entries(MAP {'a': 1}) AS c, map_extract(MAP {'a': 1}, 'a') AS d, element_at(MAP {'a': 1}, 'a') AS e, map_contains(MAP {'a': 1}, 'a') AS f, map_from_entries([('a', 1), ('b', 2)]) AS g, map_concat(MAP {'a': 1}, MAP {'b': 2}) AS h, map_extract_value(MAP {'a': 1}, 'a') AS i, map_contains_value(MAP {'a': 1}, 1) AS j;
SELECT map([1, 2], ['a', 'b'])[2] AS a, MAP {'a': [1, 2]}['a'][2] AS b;

-- feature: JSON: reading
SELECT json_extract('{"a": [1, {"b": 2}]}', '$.a[1].b') AS a, json_extract_string('{"a": "x"}', '$.a') AS b, json_extract('{"a": "x"}', 'a') AS c, json_extract_string('{"a": {"b": 1}}', '/a/b') AS d, json_extract('{"a": 1}', '$.z') AS e, json_extract('[1, 2, 3]', 1) AS f, json_extract('[1, 2]', '$[#-1]') AS g;
SELECT '{"a": {"b": "x"}}'::JSON -> 'a' AS a, '{"a": {"b": "x"}}'::JSON ->> '$.a.b' AS b, '[1, 2]'::JSON -> 0 AS c, '{"a": {"b": "x"}}'::JSON -> 'a' ->> 'b' AS d;
SELECT json_array_length('[1, 2, 3]') AS a, json_array_length('{"a": [1]}', '$.a') AS b, json_keys('{"a": 1, "b": 2}') AS c, json_type('[1]') AS d, json_type('{"a": 1}', '$.a') AS e, json_valid('{"a"') AS f, json_valid('[]') AS g, json_exists('{"a": 1}', '$.a') AS h, json_contains('{"a": [1, 2]}', '1') AS i, json_value('{"a": 5}', '$.a') AS j;
SELECT j ->> 'name' AS a, j -> '$.tags[0]' AS b, json_extract_string(j, '$.tags[1]') AS c, (j ->> 'n')::INTEGER AS d, json_array_length(j -> 'tags') AS e FROM docs ORDER BY id;
SELECT json_extract('{"a": 1, "b": 2}', ['$.a', '$.b']) AS a, json_extract('{"a": [{"x": 1}, {"x": 2}]}', '$.a[*].x') AS b, json_structure('{"a": 1, "b": ["x"]}') AS c;
SELECT count(*) FROM docs WHERE j ->> 'name' = 'Ann';
SELECT json_extract_path('{"a": 1}', '$.a') AS a, json_extract_path_text('{"a": "b"}', '$.a') AS b;

-- feature: JSON: making
SELECT to_json({'a': 1, 'b': [1, NULL]}) AS a, to_json('x') AS b, to_json([1, 2]) AS c, json_object('a', 1, 'b', 'x') AS d, json_array(1, 'a', NULL) AS e, json_quote('x') AS f, row_to_json({'a': 1}) AS g, array_to_json([1]) AS h, to_json(MAP {'a': 1}) AS i, to_json(DATE '2026-01-02') AS j;
SELECT json_merge_patch('{"a": 1}', '{"b": 2}') AS a, json('{ "a" : 1 }') AS b;
SELECT json_group_array(i) AS a, json_group_object('k' || i, i) AS b FROM (SELECT i FROM t WHERE i = 2);
SELECT CAST('{"a": 1}' AS JSON) AS a, '[1,2]'::JSON::VARCHAR AS b;

-- feature: json_transform, from_json
-- refused: Write instead
-- instead: take the values one by one: `(j ->> '$.a')::INTEGER`
SELECT json_transform('{"a": 1, "b": "x"}', '{"a": "INTEGER"}') AS a, from_json('{"a": 1}', '{"a": "BIGINT"}') AS b;
