def page(body, results, beside, worse):
    return ""
