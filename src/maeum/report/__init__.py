"""What every report is made of: wording, drawings, bars, tables, and the page around them."""
